import { useDeferredValue, useRef, useState } from 'react'
import { roomTitle, sortedRooms, waitingRequests } from '@bongsu/client'
import { found } from '@bongsu/protocol'
import { Virtualizer } from 'virtua'
import { useView } from '../../app-context.ts'
import { useDrafts } from '../../adapters/drafts.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { ConnectionLine } from '../../parts/connection-line.tsx'
import { Empty } from '../../parts/empty.tsx'
import { AskIcon, NewChatIcon } from '../../parts/icons.tsx'
import { later } from '../../parts/later.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { useMedia, wideQuery } from '../../parts/use-media.ts'
import { paths } from '../../route.ts'
import { countLabel } from '../../text/count-label.ts'
import { useRequestTexts } from '../../text/request-texts.ts'
import { ChatRow } from './chat-row.tsx'
import { useKeptList } from './use-kept-list.ts'
import '../lists.css'

const Requests = later(async () => (await import('./requests.tsx')).Requests)
const NewGroup = later(async () => (await import('./new-group.tsx')).NewGroup)

export function Chats({ open }: { readonly open: string | null }) {
  const texts = useTexts()
  const words = useRequestTexts()
  const view = useView()
  const drafts = useDrafts()
  const wide = useMedia(wideQuery)
  const scroller = useRef<HTMLDivElement>(null)
  const [query, setQuery] = useState('')
  const [making, setMaking] = useState(false)
  const [asked, setAsked] = useState(false)
  const requests = waitingRequests(view.replica).length
  const wanted = useDeferredValue(query)
  const me = view.replica.accountId
  const rooms = sortedRooms(view.replica, view.outbox)
  // What was put aside is found by searching [B5].
  const shown =
    wanted.trim() === ''
      ? rooms
      : sortedRooms(view.replica, view.outbox, true).filter((room) => found(roomTitle(room, view.replica) ?? texts.notes, wanted))
  useKeptList(scroller, view.loaded && rooms.length > 0 && query === '' && open === null, wide, view)
  return (
    <>
      <header className="list-header">
        <h1 tabIndex={-1}>{texts.chats}</h1>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.newGroup}
          title={texts.newGroup}
          onClick={() => setMaking(true)}
          data-testid="new-group"
        >
          <NewChatIcon />
        </button>
      </header>
      {view.replica.rooms.size > 0 && <SearchField label={texts.searchChats} value={query} onChange={setQuery} testId="search-chats" />}
      <div className="list-scroll" data-testid="chat-list" ref={scroller}>
        {requests > 0 && query === '' && (
          <button type="button" className="row row-requests" onClick={() => setAsked(true)} data-testid="requests">
            <AskIcon />
            <span className="row-name">{words.requests}</span>
            <span className="row-count" aria-label={words.requestsOf(requests)}>
              {countLabel(requests)}
            </span>
          </button>
        )}
        {view.loaded && rooms.length === 0 && (
          <Empty mark={!wide} title={texts.noChatsTitle} about={texts.noChatsAbout}>
            <a className="button button-soft" href={paths.friends}>
              {texts.goToFriends}
            </a>
          </Empty>
        )}
        {rooms.length > 0 && shown.length === 0 && <Empty title={texts.noChatFound(wanted.trim())} />}
        <div role="list">
          <Virtualizer scrollRef={scroller} itemSize={68} bufferSize={400} ssrCount={12}>
            {shown.map((room) => (
              <ChatRow
                key={room.conversationId}
                room={room}
                me={me}
                draft={open === room.conversationId ? '' : (drafts.get(room.conversationId) ?? '')}
                outbox={view.outbox}
                open={open === room.conversationId}
              />
            ))}
          </Virtualizer>
        </div>
      </div>
      {(open === null || !wide) && <ConnectionLine />}
      {asked && <Requests onClose={() => setAsked(false)} />}
      {making && <NewGroup onClose={() => setMaking(false)} />}
    </>
  )
}
