import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { addedBy } from '@bongsu/client'
import { found, type Person } from '@bongsu/protocol'
import { Virtualizer } from 'virtua'
import { useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { ConnectionLine } from '../../parts/connection-line.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Face } from '../../parts/face.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { AddFriendIcon, InviteIcon } from '../../parts/icons.tsx'
import { later } from '../../parts/later.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { paths } from '../../route.ts'
import { replace, useRoute } from '../../router.ts'
import { useAddedTexts } from '../../text/added-texts.ts'
import { byName } from '../../text/by-name.ts'
import { countLabel } from '../../text/count-label.ts'
import { unblocked } from './unblocked.ts'
import '../lists.css'

const sheets = () => import('./sheets.ts')
const AddedBy = later(async () => (await sheets()).AddedBy)
const AddFriend = later(async () => (await sheets()).AddFriend)
const Invites = later(async () => (await sheets()).Invites)
const Profile = later(async () => (await sheets()).Profile)

type Open =
  | { readonly sheet: 'add'; readonly handle: string }
  | { readonly sheet: 'added' }
  | { readonly sheet: 'invites' }
  | { readonly sheet: 'profile'; readonly person: Person }
  | null

/** @param hasRoom a room is open beside the list, and has the line about the connection. */
export function Friends({ addHandle, hasRoom }: { readonly addHandle: string | null; readonly hasRoom: boolean }) {
  const texts = useTexts()
  const words = useAddedTexts()
  const route = useRoute()
  const { replica, loaded } = useView()
  const scroller = useRef<HTMLDivElement>(null)
  const [query, setQuery] = useState('')
  const [open, setOpen] = useState<Open>(null)
  const wanted = useDeferredValue(query).trim()
  const friends = useMemo(() => unblocked(replica).sort((a, b) => byName(a.displayName, b.displayName)), [replica])
  const shown = wanted === '' ? friends : friends.filter((person) => found(person.displayName, wanted) || found(person.handle, wanted))
  const me = replica.profile
  const added = addedBy(replica).length

  useEffect(() => {
    if (addHandle === null) return
    setOpen({ sheet: 'add', handle: addHandle })
    // Used once. A reload must not ask again.
    if (route.at === 'add') replace(paths.friends)
  }, [addHandle, route.at])

  const close = useCallback((): void => setOpen(null), [])
  return (
    <>
      <header className="list-header">
        <h1 tabIndex={-1}>{texts.friends}</h1>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.inviteTitle}
          title={texts.inviteTitle}
          onClick={() => setOpen({ sheet: 'invites' })}
          data-testid="invites"
        >
          <InviteIcon />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.addFriend}
          title={texts.addFriend}
          onClick={() => setOpen({ sheet: 'add', handle: '' })}
          data-testid="add-friend"
        >
          <AddFriendIcon />
        </button>
      </header>
      {friends.length > 0 && <SearchField label={texts.searchNames} value={query} onChange={setQuery} testId="search-friends" />}
      <div className="list-scroll" data-testid="friend-list" ref={scroller}>
        {wanted === '' && me !== null && (
          <div className="list-self">
            <PersonRow person={me} about={texts.me} testId="self-row" onOpen={() => setOpen({ sheet: 'profile', person: me })} />
          </div>
        )}
        {added > 0 && wanted === '' && (
          <button type="button" className="row row-requests" onClick={() => setOpen({ sheet: 'added' })} data-testid="added">
            <AddFriendIcon />
            <span className="row-name">{words.added}</span>
            <span className="row-count" aria-label={words.addedOf(added)}>
              {countLabel(added)}
            </span>
          </button>
        )}
        {friends.length > 0 && wanted === '' && <h2 className="list-heading">{texts.friendCount(friends.length)}</h2>}
        {loaded && friends.length === 0 && (
          <Empty title={texts.noFriendsTitle} about={texts.noFriendsAbout}>
            <div className="empty-actions">
              <button type="button" className="button button-soft" onClick={() => setOpen({ sheet: 'add', handle: '' })}>
                {texts.addFriend}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setOpen({ sheet: 'invites' })}>
                {texts.inviteTitle}
              </button>
            </div>
          </Empty>
        )}
        {friends.length > 0 && shown.length === 0 && <Empty title={texts.nobodyFound(wanted)} />}
        <div role="list">
          <Virtualizer scrollRef={scroller} itemSize={60} bufferSize={400}>
            {shown.map((person) => (
              <div role="listitem" key={person.accountId}>
                <PersonRow person={person} testId="friend-row" onOpen={() => setOpen({ sheet: 'profile', person })} />
              </div>
            ))}
          </Virtualizer>
        </div>
      </div>
      {!hasRoom && <ConnectionLine />}
      {open?.sheet === 'added' && <AddedBy onClose={close} />}
      {open?.sheet === 'add' && <AddFriend handle={open.handle} onClose={close} />}
      {open?.sheet === 'invites' && <Invites onClose={close} />}
      {open?.sheet === 'profile' && <Profile person={open.person} onClose={close} />}
    </>
  )
}

interface PersonRowProps {
  readonly person: Person
  readonly about?: string
  readonly testId: string
  readonly onOpen: () => void
}

function PersonRow({ person, about, testId, onOpen }: PersonRowProps) {
  return (
    <button type="button" className="row row-person" onClick={onOpen} data-testid={testId} data-handle={person.handle}>
      <Face id={person.accountId} name={person.displayName} />
      <span className="row-text">
        <PersonName person={person} />
        <span className="row-last">@{person.handle}</span>
      </span>
      {about !== undefined && <span className="tag">{about}</span>}
    </button>
  )
}
