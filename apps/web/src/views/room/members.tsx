import { useRef } from 'react'
import type { Room } from '@bongsu/client'
import type { Person } from '@bongsu/protocol'
import { VList, type VListHandle } from 'virtua'
import { useApp } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Face } from '../../parts/face.tsx'
import { MembersFailed } from './members-failed.tsx'
import { useMembers } from './use-members.ts'

/** The next page is loaded this many rows before the last. */
const aheadRows = 40

export function Members({ room, onOpen }: { readonly room: Room; readonly onOpen: (person: Person) => void }) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me } = useApp()
  const { people, more, error, load } = useMembers(room.conversationId)
  const list = useRef<VListHandle>(null)

  function onScroll(offset: number): void {
    const view = list.current
    if (view !== null && more && view.findItemIndex(offset + view.viewportSize) > people.length - aheadRows) void load()
  }

  return (
    <>
      <h3 className="sheet-heading">
        {texts.members} <span className="count">{room.meta.memberCount.toLocaleString(language)}</span>
      </h3>
      {error !== null && <MembersFailed load={load} />}
      <VList ref={list} className="members" role="list" onScroll={onScroll} data-testid="members">
        {people.map((person) => (
          <div role="listitem" key={person.accountId}>
            <button type="button" className="row row-person" onClick={() => onOpen(person)} data-testid="member-row">
              <Face id={person.accountId} name={person.displayName} size="s" />
              <span className="row-text">
                <span className="row-name">{person.displayName}</span>
              </span>
              {person.accountId === me && <span className="tag">{texts.me}</span>}
            </button>
          </div>
        ))}
      </VList>
    </>
  )
}
