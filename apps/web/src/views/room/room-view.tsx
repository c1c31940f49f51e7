import { useCallback, useEffect, useRef, useState } from 'react'
import { isShut, mayIn, roomTitle, serverHas, type Room } from '@bongsu/client'
import type { ConversationId, Mention, SendBody } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { ConnectionLine } from '../../parts/connection-line.tsx'
import { Empty } from '../../parts/empty.tsx'
import { BackIcon, MenuIcon } from '../../parts/icons.tsx'
import { later } from '../../parts/later.tsx'
import { StaffBadge } from '../../parts/person-name.tsx'
import { RoomFace } from '../../parts/room-face.tsx'
import { useMedia, wideQuery } from '../../parts/use-media.ts'
import { toast } from '../../parts/toast.tsx'
import { isWithStaff } from '../../text/with-staff.ts'
import { paths } from '../../route.ts'
import { back, replace } from '../../router.ts'
import { failureText } from '../../text/failure.ts'
import { useRoleTexts } from '../../text/role-texts.ts'
import { Composer } from './composer/composer.tsx'
import { MessageLog, type LogHandle } from './message-log.tsx'
import { MessageOvers } from './message-overs.tsx'
import { SelectBar } from './select-bar.tsx'
import { TypingLine } from './typing-line.tsx'
import { useRoomDeeds } from './use-room-deeds.ts'
import './room.css'
import './messages.css'

const RoomSheet = later(async () => (await import('./room-sheet.tsx')).RoomSheet)

/** A new room takes a moment to arrive. After this time it counts as not ours. */
const arrivalMs = 6_000

export function RoomView({ conversationId: address }: { readonly conversationId: string }) {
  const texts = useTexts()
  const { device } = useApp()
  const { replica, loaded, connection } = useView()
  const conversationId = address as ConversationId
  const room = replica.rooms.get(conversationId)
  const here = room !== undefined
  const live = connection.state === 'live'
  const isWide = useMedia(wideQuery)
  const heading = useRef<HTMLHeadingElement>(null)
  const [sheet, setSheet] = useState(false)
  const late = useLate(loaded && !here && live)
  useEscape(useClose())

  useEffect(() => {
    // On a phone the keyboard stays closed until it is wanted, so the focus goes to the heading.
    if (here && document.activeElement?.getAttribute('data-testid') !== 'composer') heading.current?.focus({ preventScroll: true })
    return () => device.closeRoom(conversationId)
  }, [device, conversationId, here])

  if (room === undefined) {
    return (
      <section className="room">
        <header className="room-header">
          <BackButton />
        </header>
        <ConnectionLine />
        {late ? <Empty title={texts.roomGone} about={texts.roomGoneAbout} /> : <p className="room-opening">{texts.opening}</p>}
      </section>
    )
  }

  const title = roomTitle(room, replica) ?? texts.notes
  // On a phone the room is the whole page, so its title is the heading of the first level.
  const Title = isWide ? 'h2' : 'h1'
  return (
    <section className="room" aria-labelledby="room-title" data-testid="room">
      <header className="room-header">
        <BackButton />
        <RoomFace room={room} size="s" />
        <div className="room-names">
          <div className="person-name">
            <Title id="room-title" ref={heading} tabIndex={-1} data-testid="room-title">
              <bdi>{title || texts.emptyRoom}</bdi>
            </Title>
            {isWithStaff(room) && <StaffBadge />}
          </div>
          {room.meta.kind === 'group' && <p>{texts.membersOf(room.meta.memberCount)}</p>}
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.roomMenu}
          title={texts.roomMenu}
          onClick={() => setSheet(true)}
          data-testid="room-menu"
        >
          <MenuIcon />
        </button>
      </header>
      {isShut(room, replica) ? <Shut room={room} /> : <Talk key={conversationId} room={room} />}
      {sheet && <RoomSheet room={room} onClose={() => setSheet(false)} />}
    </section>
  )
}

/** The conversation with a blocked person shows nothing, and nothing in it counts as read [B3]. */
function Shut({ room }: { readonly room: Room }) {
  const texts = useTexts()
  const { api } = useApp()
  const accountId = room.meta.people[0]?.accountId
  return (
    <Empty title={texts.roomShut} about={texts.roomShutAbout}>
      {accountId !== undefined && (
        <button
          type="button"
          className="button button-soft"
          onClick={() => void api.call('unblock', { params: { accountId } }).then((answer) => !answer.ok && toast(failureText(texts, answer)))}
          data-testid="unblock-room"
        >
          {texts.unblock}
        </button>
      )}
    </Empty>
  )
}

/** The messages of the room, and the composer. */
function Talk({ room }: { readonly room: Room }) {
  const roles = useRoleTexts()
  const { device, accountId: me } = useApp()
  const { replica } = useView()
  const [sent, setSent] = useState(0)
  const log = useRef<LogHandle>(null)
  const roomDeeds = useRoomDeeds(room)
  const { deeds, actsOf, over, writing, write, picked, shownFull, copyPicked, endPicking } = roomDeeds
  const { conversationId } = room
  const mayPost = room.meta.kind !== 'group' || mayIn(room.meta, me, 'post')
  const writeNew = useCallback(() => write({ at: 'new' }), [write])

  async function send(text: string, mentions: readonly Mention[]): Promise<void> {
    const named = mentions.length === 0 ? {} : { mentions }
    if (writing.at === 'edit') {
      const { seq, id, body } = writing.target
      if (seq !== null && 'text' in body && body.text !== text)
        await device.act(conversationId, { seq, id }, { kind: 'edit', value: { text, ...named } })
      writeNew()
      return
    }
    const replyTo = writing.at === 'reply' && writing.target.seq !== null ? { replyTo: writing.target.seq } : {}
    setSent((count) => count + 1)
    writeNew()
    const body: SendBody = { kind: 'text', text, ...replyTo, ...named }
    try {
      await device.send(conversationId, body)
    } catch (error) {
      // The text comes back into the field, and still answers the same message.
      if (writing.at === 'reply') write(writing)
      throw error
    }
  }

  return (
    <>
      <MessageLog room={room} sent={sent} actsOf={actsOf} picked={picked} shownFull={shownFull} deeds={deeds} handle={log} />
      <footer className="room-footer">
        <TypingLine conversationId={conversationId} />
        <ConnectionLine />
        {picked === null && !mayPost && writing.at !== 'edit' ? (
          <p className="composer composer-closed" role="status" data-testid="composer-closed">
            {room.meta.rights?.post === 'host' ? roles.postClosedToDeputies : roles.postClosed}
          </p>
        ) : picked === null ? (
          <Composer
            room={room}
            writing={writing}
            mentions={serverHas(replica, 'mentions')}
            onSend={send}
            onNew={writeNew}
            onWriting={() => device.typing(conversationId)}
            onUp={() => log.current?.focusLast()}
            onPage={(direction) => log.current?.page(direction)}
          />
        ) : (
          <SelectBar count={picked.size} onCopy={copyPicked} onCancel={endPicking} />
        )}
      </footer>
      {over !== null && <MessageOvers room={room} roomDeeds={roomDeeds} over={over} />}
    </>
  )
}

/** Leaves the room: a step back on a phone; beside the list only the room closes. */
function useClose(): () => void {
  const wide = useMedia(wideQuery)
  return () => (wide ? replace(paths.chats) : back(paths.chats))
}

function useEscape(close: () => void): void {
  const latest = useRef(close)
  useEffect(() => {
    latest.current = close
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // A dialog closes itself first.
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') === null) latest.current()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

function BackButton() {
  const texts = useTexts()
  const close = useClose()
  return (
    <button type="button" className="icon-button room-back" aria-label={texts.back} onClick={close} data-testid="back">
      <BackIcon />
    </button>
  )
}

function useLate(missing: boolean): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    setLate(false)
    if (!missing) return
    const timer = setTimeout(() => setLate(true), arrivalMs)
    return () => clearTimeout(timer)
  }, [missing])
  return missing && late
}
