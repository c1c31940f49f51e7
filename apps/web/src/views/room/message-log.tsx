import { useCallback, useMemo, useRef, useState, useImperativeHandle, type ClipboardEvent, type MouseEvent, type Ref } from 'react'
import { entryAt, roomTitle, unreadCount, type Room } from '@bongsu/client'
import { Virtualizer } from 'virtua'
import type { Entry } from '@bongsu/protocol'
import { useApp, useNames, useStaff, useView } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { wordsOf } from '../../kinds/kinds.ts'
import type { ActName, Told } from '../../kinds/look.ts'
import { ReplyIcon } from '../../parts/icons.tsx'
import { clip } from '../../text/cut-text.ts'
import { clockLabel, dayLabel, stampLabel } from '../../text/time-labels.ts'
import { Bubble } from './bubble.tsx'
import { copyLines } from './copy-lines.ts'
import type { Deeds } from './deeds.ts'
import { HoverBar } from './hover-bar.tsx'
import { olderLinePx } from './in-view.ts'
import { LatestButton } from './latest-button.tsx'
import { hiddenIn, marksOf } from './marks.ts'
import { OlderLine } from './older-line.tsx'
import { Quote } from './quote.tsx'
import { buildRows, type Row } from './rows.ts'
import { selectedTexts } from './selected-texts.ts'
import { subjectOf } from './subject-of.ts'
import { placeBelow, targetOf, type Place, type Target } from './target.ts'
import { UnreadBar } from './unread-bar.tsx'
import { useHover } from './use-hover.ts'
import { useJump } from './use-jump.ts'
import { useLogPosition } from './use-log-position.ts'
import { useMessageKeys } from './use-message-keys.ts'
import { useOlder } from './use-older.ts'
import { useOpening } from './use-opening.ts'
import { useTouch } from './use-touch.ts'

const noneOpened: ReadonlySet<number> = new Set()

/** A screen reader reads the beginning of a long message. The log has the whole message. */
const labelUnitsMax = 300

export interface LogHandle {
  /** Moves the focus to the newest message. */
  readonly focusLast: () => void
  /** Scrolls by one view, up or down. */
  readonly page: (direction: 1 | -1) => void
}

interface MessageLogProps {
  readonly room: Room
  /** Rises with each own message: the view always follows one's own messages. */
  readonly sent: number
  readonly actsOf: (target: Target) => readonly ActName[]
  /** Selected messages while several are being selected; null otherwise. */
  readonly picked: ReadonlyMap<string, Target> | null
  readonly shownFull: ReadonlySet<string>
  readonly deeds: Omit<Deeds, 'jump'>
  readonly handle: Ref<LogHandle>
}

export function MessageLog({ room, sent, actsOf, picked, shownFull, deeds: given, handle }: MessageLogProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me, device } = useApp()
  const { outbox, connection, replica } = useView()
  const nameOf = useNames()
  const isStaff = useStaff()
  const { conversationId } = room
  const live = connection.state === 'live'
  const opening = useOpening(room, replica)
  const { line: readTo, goal } = opening
  const unread = unreadCount(room, replica)
  const [passedLine, setPassedLine] = useState(false)
  const hidden = hiddenIn(replica, room)

  const { blocked } = replica
  const [opened, setOpened] = useState<ReadonlySet<number>>(noneOpened)
  const isClosed = useCallback(({ author, seq }: Entry) => blocked.has(author) && !opened.has(seq), [blocked, opened])
  const own = useMemo(() => outbox.filter((item) => item.conversationId === conversationId), [outbox, conversationId])
  const rows = useMemo(() => buildRows({ room, outbox: own, me, live, readTo, hidden, isClosed }), [room, own, me, live, readTo, hidden, isClosed])
  const older = useOlder(room, live, goal)
  const position = useLogPosition({ room, rows, older, opening, hidden, sent })
  const { scroller, list, away, newest, prepended, onScroll, onResize, toLatest, toRow } = position
  const jump = useJump(room, (seq) => {
    const index = rows.findIndex((row) => (row.kind === 'message' ? row.seq === seq : row.kind === 'line' && row.entry.seq === seq))
    if (index !== -1) toRow(index)
    return index !== -1
  })
  const deeds = useMemo<Deeds>(() => ({ ...given, jump: jump.to }), [given, jump.to])

  // [R5] What was passed unseen is not far: the line stays where reading stopped.
  const lineIndex = passedLine ? rows.findIndex(({ kind }) => kind === 'read-line') : -1
  const isLineAbove = room.unreadBelow > 0 ? older.reached : lineIndex !== -1
  function toLine(): void {
    setPassedLine(false)
    if (lineIndex !== -1) position.toLine(lineIndex)
    else jump.to(room.readSeq + 1)
  }
  const readAll = useCallback(() => device.markRead(conversationId, Number.MAX_SAFE_INTEGER), [device, conversationId])

  // An unavailable message is requested again when the connection is back.
  const loadQuoted = useCallback((seq: number) => void device.loadEntry(conversationId, seq).catch(() => undefined), [device, conversationId])

  const target = (row: Row | undefined): Target | null => targetOf(row, room, me)
  const byKey = (key: string): Target | null => target(rows.find((row) => row.key === key))
  const openMenu = (key: string | undefined, place: Place): boolean => {
    const found = key === undefined ? null : byKey(key)
    if (found === null || picked !== null) return false
    deeds.menu(found, place)
    return true
  }
  const swipeSign = useRef<HTMLSpanElement>(null)
  const keys = useMessageKeys(scroller, list, { rows, targetOf: target, actsOf, onMenu: deeds.menu, onAct: deeds.act })
  useImperativeHandle(handle, () => ({ focusLast: keys.focusLast, page: position.page }), [keys.focusLast, position.page])
  useTouch(scroller, swipeSign, {
    onPress: openMenu,
    onSwipe(key) {
      const found = byKey(key)
      if (found !== null && actsOf(found).includes('reply')) deeds.act('reply', found, { x: 0, y: 0 })
    },
  })
  const hover = useHover(scroller, picked === null)

  /** [C13] A selection over several messages is copied as name, time and text of each; within one, as the browser does. */
  function onCopy(event: ClipboardEvent): void {
    const selected = selectedTexts(event.currentTarget, getSelection())
    if (selected.length < 2) return
    const said = selected.flatMap(({ key, text }) => {
      const row = rows.find((one) => one.key === key)
      return row?.kind === 'message' && row.body.kind !== 'erased'
        ? [{ author: row.author, body: { kind: 'text', text } as const, time: row.time }]
        : []
    })
    event.clipboardData.setData(
      'text/plain',
      copyLines(said, nameToSay, (time) => stampLabel(time, language)),
    )
    event.preventDefault()
  }

  function onContextMenu(event: MouseEvent): void {
    const origin = event.target as Element
    // A link keeps the browser's menu, and so does a selected text.
    if (origin.closest('a') !== null || getSelection()?.isCollapsed === false) return
    // A finger has its own way to the menu, by use-touch.ts.
    if ((event.nativeEvent as PointerEvent).pointerType === 'touch') {
      event.preventDefault()
      return
    }
    const message = origin.closest<HTMLElement>('[data-key]')
    // A menu opened by a key is below the message.
    const byPointer = event.clientX !== 0 || event.clientY !== 0
    const place = byPointer
      ? { x: event.clientX, y: event.clientY }
      : { ...placeBelow(message?.querySelector('.message-line > *') ?? origin), byKey: true }
    if (openMenu(message?.dataset['key'], place)) event.preventDefault()
  }

  const told = { language, nameOf, room: room.meta.kind } satisfies Told
  const nameToSay = (id: string): string => (id === me ? texts.me : (nameOf(id) ?? texts.unknownPerson))

  function quoteOf(row: Extract<Row, { kind: 'message' }>): React.ReactElement | null {
    const replyTo = 'replyTo' in row.body ? row.body.replyTo : undefined
    if (replyTo === undefined) return null
    const subject = subjectOf(room, replyTo, hidden, isClosed)
    const shared = { seq: replyTo, live, onMissing: loadQuoted, onJump: deeds.jump }
    if (subject === null || typeof subject === 'string') return <Quote {...shared} author={subject} name="" words="" />
    return <Quote {...shared} author={subject.author} name={nameToSay(subject.author)} words={wordsOf(subject, told)} />
  }

  function elementOf(row: Row): React.ReactElement {
    switch (row.kind) {
      case 'day':
        return (
          <div key={row.key} className="log-day" role="separator">
            <span>{dayLabel(row.time, language)}</span>
          </div>
        )
      case 'read-line':
        return (
          <div key={row.key} className="log-read-line" role="separator" data-testid="read-line">
            <span>{texts.readToHere}</span>
          </div>
        )
      case 'blocked':
        return (
          <p key={row.key} className="log-system" data-testid="blocked-line">
            {texts.blockedMessages(row.seqs.length)}{' '}
            <button type="button" className="text-button" onClick={() => setOpened((before) => new Set([...before, ...row.seqs]))}>
              {texts.showBlocked}
            </button>
          </p>
        )
      case 'line':
        return (
          <p
            key={row.key}
            className="log-system"
            tabIndex={-1}
            data-testid="system-line"
            data-key={row.key}
            data-seq={row.entry.seq}
            data-kind={row.entry.body.kind}
          >
            {wordsOf(row.entry, told)}
          </p>
        )
      case 'message': {
        const name = nameOf(row.author)
        const clock = clockLabel(row.time, language)
        const words = clip(wordsOf(row, told), labelUnitsMax)
        return (
          <Bubble
            key={row.key}
            row={row}
            marks={marksOf(row.entry, me, blocked)}
            me={me}
            name={name}
            staff={isStaff(row.author)}
            clock={clock}
            label={texts.messageOf(nameToSay(row.author), clock, words)}
            full={shownFull.has(row.id)}
            picked={picked === null ? null : picked.has(row.key)}
            marked={jump.marked !== null && row.seq === jump.marked}
            quote={quoteOf(row)}
            bar={hover?.key === row.key && row.seq !== null ? <HoverBar target={row} acts={actsOf(row)} side={hover.side} deeds={deeds} /> : null}
            deeds={deeds}
          />
        )
      }
    }
  }

  return (
    <div className={`log-place${picked === null ? '' : ' log-picking'}`}>
      {jump.gone !== null && (
        <p className="jump-line" role="status" data-testid="jumping">
          {texts.jumping(jump.gone)}
          <button type="button" className="text-button" onClick={jump.cancel}>
            {texts.cancel}
          </button>
        </p>
      )}
      {isLineAbove && jump.gone === null && (
        <UnreadBar
          count={room.unreadBelow > 0 ? unread : 0}
          onLine={toLine}
          onReadAll={unread > 0 ? readAll : null}
          onClose={() => setPassedLine(false)}
        />
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it has the focus, and keys move through its messages */}
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-live="off"
        aria-label={texts.conversationLog}
        tabIndex={0}
        data-testid="log"
        onKeyDown={keys.onKeyDown}
        onContextMenu={onContextMenu}
        onCopy={onCopy}
      >
        <div className="log-spring" />
        <OlderLine state={older.state} room={room} title={roomTitle(room, replica)} onRetry={older.retry} />
        <Virtualizer
          ref={list}
          data={rows}
          shift={prepended}
          startMargin={olderLinePx}
          bufferSize={600}
          keepMounted={keys.keepMounted}
          onScroll={onScroll}
          onResize={onResize}
        >
          {onceEach(elementOf)}
        </Virtualizer>
      </div>
      <span ref={swipeSign} className="swipe-sign" aria-hidden="true">
        <ReplyIcon size={20} />
      </span>
      <LatestButton
        away={away}
        count={newest.count}
        preview={newest.last === null ? null : { name: nameOf(newest.last.author) ?? texts.unknownPerson, text: wordsOf(newest.last, told) }}
        onReadAll={readAll}
        onPress={() => {
          if (newest.count > 0 && readTo !== null) setPassedLine(true)
          toLatest()
        }}
      />
      <div className="visually-hidden" aria-live="polite" data-testid="announcer">
        {/* What was erased or edited since is not kept here [I6]. */}
        {newest.announced
          .filter(({ seq, body }) => entryAt(room, seq)?.body === body)
          .map((entry) => (
            <p key={entry.seq}>{texts.said(nameOf(entry.author) ?? texts.unknownPerson, wordsOf(entry, told))}</p>
          ))}
      </div>
    </div>
  )
}

/** Scrolling draws the rows in view again and again. The same element tells React that nothing of a row has changed. */
function onceEach(elementOf: (row: Row) => React.ReactElement): (row: Row) => React.ReactElement {
  const drawn = new Map<Row, React.ReactElement>()
  return (row) => {
    const before = drawn.get(row)
    if (before !== undefined) return before
    const element = elementOf(row)
    drawn.set(row, element)
    return element
  }
}
