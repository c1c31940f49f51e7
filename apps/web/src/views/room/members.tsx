import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { roleIn, type Room } from '@bongsu/client'
import { found, LIMITS, type Person } from '@bongsu/protocol'
import { VList, type VListHandle } from 'virtua'
import { useApp, useView } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Empty } from '../../parts/empty.tsx'
import { Face } from '../../parts/face.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { useRoleTexts } from '../../text/role-texts.ts'
import { MembersFailed } from './members-failed.tsx'
import { useMembers, type Members as Loaded } from './use-members.ts'

/** The next page is loaded this many rows before the last. */
const aheadRows = 40
/** A room of fewer members is seen at a glance. */
const searchFromMembers = 8
/** The server is asked when nothing was typed for this long. */
const typingPauseMs = 200

interface MembersProps {
  readonly room: Room
  readonly onOpen: (person: Person) => void
}

/** Everybody in a room, oneself first, with a search [C25]. */
export function Members({ room, onOpen }: MembersProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { replica } = useView()
  const { profile } = replica
  const [query, setQuery] = useState('')
  const wanted = useDeferredValue(query).trim().slice(0, LIMITS.memberSearchLengthMax)
  const all = useMembers(room.conversationId, true, undefined, room.meta.memberCount)
  const meFirst = (people: readonly Person[]): readonly Person[] =>
    profile === null ? people : [profile, ...people.filter(({ accountId }) => accountId !== profile.accountId)]
  const matching = (people: readonly Person[]): readonly Person[] => meFirst(people).filter(({ displayName }) => found(displayName, wanted))
  return (
    <>
      <h3 className="sheet-heading">
        {texts.members} <span className="count">{room.meta.memberCount.toLocaleString(language)}</span>
      </h3>
      {room.meta.memberCount >= searchFromMembers && (
        <SearchField label={texts.searchNames} value={query} onChange={setQuery} testId="search-members" />
      )}
      {wanted !== '' && all.more ? (
        <Searched key={wanted} room={room} name={wanted} loaded={all.people} matching={matching} onOpen={onOpen} />
      ) : (
        <MemberList {...all} room={room} people={matching(all.people)} name={wanted} onOpen={onOpen} />
      )}
    </>
  )
}

interface SearchedProps extends MembersProps {
  readonly name: string
  /** Shown until the server has answered. */
  readonly loaded: readonly Person[]
  readonly matching: (people: readonly Person[]) => readonly Person[]
}

/** The server's answer. `name` must not change. */
function Searched({ room, name, loaded, matching, onOpen }: SearchedProps) {
  const [paused, setPaused] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(true), typingPauseMs)
    return () => clearTimeout(timer)
  }, [])
  const searched = useMembers(room.conversationId, paused, { name })
  const answered = searched.people.length > 0 || !searched.more
  return <MemberList {...searched} room={room} people={matching(answered ? searched.people : loaded)} name={name} onOpen={onOpen} />
}

function MemberList({ room, people, more, error, load, name, onOpen }: Loaded & MembersProps & { readonly name: string }) {
  const texts = useTexts()
  const { accountId: me } = useApp()
  const { blocked } = useView().replica
  const list = useRef<VListHandle>(null)

  function onScroll(offset: number): void {
    const view = list.current
    if (view !== null && more && view.findItemIndex(offset + view.viewportSize) > people.length - aheadRows) void load()
  }

  return (
    <>
      {error !== null && <MembersFailed load={load} />}
      {name !== '' && !more && people.length === 0 && <Empty title={texts.nobodyFound(name)} />}
      <VList ref={list} className="members" role="list" onScroll={onScroll} data-testid="members">
        {people.map((person) => (
          <div role="listitem" key={person.accountId}>
            <button type="button" className="row row-person" onClick={() => onOpen(person)} data-testid="member-row">
              <Face id={person.accountId} name={blocked.has(person.accountId) ? '–' : person.displayName} size="s" />
              <span className="row-text">
                <PersonName person={person} />
              </span>
              <RoleTag room={room} accountId={person.accountId} />
              {person.accountId === me && <span className="tag">{texts.me}</span>}
            </button>
          </div>
        ))}
      </VList>
    </>
  )
}

function RoleTag({ room: { meta }, accountId }: { readonly room: Room; readonly accountId: Person['accountId'] }) {
  const roles = useRoleTexts()
  const role = meta.kind === 'group' ? roleIn(meta, accountId) : 'member'
  return role === 'member' ? null : <span className="tag">{roles.roleName[role]}</span>
}
