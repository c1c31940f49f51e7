import type { UpFrame, UpType } from '@bongsu/protocol'
import type { Append } from '../conversation/append.ts'
import { Unavailable } from '../conversation/log-store.ts'
import type { SetMark } from '../conversation/set-mark.ts'
import type { Announce } from '../delivery/announce.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { tideIn, type Tide } from '../delivery/tides.ts'
import type { UnreadNumbers } from '../delivery/unread-push.ts'
import type { Figures } from '../figures/figures.ts'
import type { Clock } from '../ops/clock.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { Shedding } from '../ops/overload.ts'
import type { MarkRead } from '../receipts/mark-read.ts'
import { createAuditFaults } from './audit-faults.ts'
import { createAuditAnswers, type AuditParts } from './audit.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { Dispatch, Session } from './session.ts'

export interface DispatchParts extends AuditParts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly overload: Shedding
  readonly append: Append
  readonly setMark: SetMark
  readonly markRead: MarkRead
  readonly announce: Pick<Announce, 'typing'>
  readonly unread: Pick<UnreadNumbers, 'tell'>
  readonly metrics: Pick<Metrics, 'accepted' | 'auditFault'>
  readonly figures: Pick<Figures, 'accepted'>
  readonly tide: Tide
  readonly failed: (cause: unknown) => void
}

type Handler<T extends UpType> = (session: Session, stream: DeviceStream, frame: Extract<UpFrame, { t: T }>) => void

/** Every frame a device may send has exactly one handler [W2]. The connection itself handles `hello`. */
type Handlers = { readonly [T in Exclude<UpType, 'hello'>]: Handler<T> }

type WriteParts = Pick<DispatchParts, 'overload' | 'failed'>

/** Passes a request to the store, unless the store or this connection already has too many, and answers when the store fails. */
function write({ overload, failed }: WriteParts, session: Session, frame: UpFrame & { t: 'send' | 'set' }, run: () => Promise<void>): void {
  if (overload.sheds('send')) return session.refuse(frame, 'busy', overload.sendRetryMs()) // [seam: shed-sends]
  if (!session.sendBegins()) return session.refuse(frame, 'busy', GATEWAY_BOUNDS.busyRetryMs)
  run()
    .catch((cause: unknown) => {
      failed(cause)
      if (cause instanceof Unavailable) session.refuse(frame, cause.full ? 'busy' : 'unavailable', cause.retryAfterMs) // [seam: refuse-unanswered-send]
      else session.refuse(frame, 'internal', GATEWAY_BOUNDS.busyRetryMs)
    })
    .finally(() => session.sendDone())
}

/** Receives a message and answers it. */
function createSend(parts: WriteParts & Pick<DispatchParts, 'clock' | 'append' | 'metrics' | 'figures' | 'tide'>): Handler<'send'> {
  const { clock, append, metrics, figures, tide } = parts
  return (session, stream, frame) => {
    const startedAt = clock.monotonic()
    const request = { conversationId: frame.conversationId, author: stream.accountId, id: frame.id, body: frame.body }
    write(parts, session, frame, () =>
      append(request, (result) => {
        if (!result.ok) return session.refuse(frame, result.code)
        metrics.accepted(clock.monotonic() - startedAt)
        if (session.counted) figures.accepted()
        session.send({
          t: 'accepted',
          id: frame.id,
          conversationId: frame.conversationId,
          seq: result.seq,
          acceptedAt: result.acceptedAt,
          ...tideIn(tide),
        })
      }),
    )
  }
}

/** Receives an act and answers it [I1]. */
function createSet(parts: WriteParts & Pick<DispatchParts, 'setMark' | 'tide'>): Handler<'set'> {
  return (session, stream, frame) => {
    const { t: _t, ...asked } = frame
    write(parts, session, frame, () =>
      parts.setMark({ ...asked, author: stream.accountId }, (result) => {
        if (!result.ok) return session.refuse(frame, result.code)
        session.send({ t: 'set-accepted', id: frame.id, conversationId: frame.conversationId, change: result.change, ...tideIn(parts.tide) })
      }),
    )
  }
}

function createHandlers(parts: DispatchParts): Handlers {
  const { overload, markRead, announce, unread, metrics } = parts
  const auditFaults = createAuditFaults(parts.clock, metrics.auditFault)
  return {
    send: createSend(parts),

    set: createSet(parts),

    read(session, stream, frame) {
      if (stream.room(frame.conversationId) === undefined) return session.refuse(frame, 'not-a-member')
      markRead(stream.accountId, frame.conversationId, frame.seq)
    },

    typing(session, stream, frame) {
      if (stream.room(frame.conversationId) === undefined) return session.refuse(frame, 'not-a-member')
      // Nobody misses a typing signal, so typing is dropped first [O2].
      if (overload.sheds('typing')) return
      announce.typing(frame.conversationId, stream.accountId)
    },

    watch(session, stream, frame) {
      if (frame.conversationId === null) return stream.setWatch(null)
      const room = stream.room(frame.conversationId)
      if (room === undefined) return session.refuse(frame, 'not-a-member')
      stream.setWatch({ room, from: frame.from, to: frame.to })
      unread.tell(stream)
    },

    'ask-heads'(session, stream) {
      const changes = stream.knowsItems ? { changes: stream.changes() } : {}
      session.send({ t: 'heads', account: stream.accountCursor, heads: stream.heads(), ...changes })
    },

    refresh(session, stream, frame) {
      if (!stream.refresh(frame.conversationId)) session.refuse(frame, 'not-a-member')
    },

    ping(session, _stream, frame) {
      session.send({ t: 'pong', n: frame.n })
    },

    audit: createAuditAnswers(parts),

    'audit-fault': (_session, stream) => auditFaults(stream.accountId),
  }
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const handlers = createHandlers(parts)
  return (session, stream, frame) => {
    // The table's type pairs each frame with its handler. The compiler cannot follow the pair through the look-up.
    const handle = handlers[frame.t] as Handler<UpType>
    handle(session, stream, frame)
  }
}
