import type { RefusalCode, UpFrame, UpType } from '@bongsu/protocol'
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
import type { Quotas } from './quotas.ts'
import type { Dispatch, Session } from './session.ts'

export interface DispatchParts extends AuditParts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly overload: Shedding
  readonly append: Append
  readonly setMark: SetMark
  readonly quotas: Pick<Quotas, 'write' | 'begin'>
  readonly markRead: MarkRead
  readonly announce: Pick<Announce, 'typing'>
  readonly unread: Pick<UnreadNumbers, 'tell'>
  readonly metrics: Pick<Metrics, 'accepted' | 'auditFault'>
  readonly figures: Pick<Figures, 'accepted' | 'served'>
  readonly tide: Tide
  readonly failed: (cause: unknown) => void
}

/** An unknown code would mean *later* [C2], so a device without roles gets one that it knows [B14]. */
function plainCode(code: RefusalCode): RefusalCode {
  return code === 'role-too-low' || code === 'barred' || code === 'member-unknown' ? 'forbidden' : code
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

/** Bytes of what people wrote. */
function bytesOf(written: unknown): number {
  if (written === null || typeof written !== 'object') return 0
  return 'text' in written && typeof written.text === 'string' ? Buffer.byteLength(written.text) : Buffer.byteLength(JSON.stringify(written))
}

/** Refuses a text or an act that is more than its account, or its conversation, may take in an hour [B23]. */
function isOverQuota(
  quotas: DispatchParts['quotas'],
  session: Session,
  { accountId }: DeviceStream,
  frame: UpFrame & { t: 'send' | 'set' },
  bytes: number,
): boolean {
  const refusal = quotas.write(accountId, frame.conversationId, bytes)
  if (refusal === null) return false
  session.refuse(frame, refusal.code, refusal.retryAfterMs, refusal.limit)
  return true
}

/** Lets no account put more people into conversations than it may in an hour [B23]. Every other body passes. */
function inviting(
  quotas: DispatchParts['quotas'],
  session: Session,
  { accountId }: DeviceStream,
  frame: UpFrame & { t: 'send' },
  append: Append,
): Append {
  const { body } = frame
  if (body.kind !== 'invited') return append
  return async (request, answer) => {
    const begun = await quotas.begin(accountId, 0, body.accounts.length)
    if (!begun.ok) return session.refuse(frame, begun.code, begun.retryAfterMs, begun.limit)
    let joins = 0
    try {
      await append(request, (result) => {
        if (result.ok && !result.repeated) joins = result.accounts.length
        answer(result)
      })
    } finally {
      await begun.end(0, joins)
    }
  }
}

/** Receives a message and answers it. */
function createSend(parts: WriteParts & Pick<DispatchParts, 'clock' | 'append' | 'quotas' | 'metrics' | 'figures' | 'tide'>): Handler<'send'> {
  const { clock, append, metrics, figures, tide } = parts
  return (session, stream, frame) => {
    const startedAt = clock.monotonic()
    const request = { conversationId: frame.conversationId, author: stream.accountId, id: frame.id, body: frame.body }
    if (isOverQuota(parts.quotas, session, stream, frame, bytesOf(frame.body))) return
    write(parts, session, frame, () =>
      inviting(
        parts.quotas,
        session,
        stream,
        frame,
        append,
      )(request, (result) => {
        if (!result.ok) return session.refuse(frame, stream.knows === 'roles' ? result.code : plainCode(result.code))
        metrics.accepted(clock.monotonic() - startedAt)
        if (session.counted) figures.accepted()
        figures.served(stream.accountId)
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
function createSet(parts: WriteParts & Pick<DispatchParts, 'setMark' | 'quotas' | 'figures' | 'tide'>): Handler<'set'> {
  return (session, stream, frame) => {
    const { t: _t, ...asked } = frame
    if (isOverQuota(parts.quotas, session, stream, frame, bytesOf(frame.act.value))) return
    write(parts, session, frame, () =>
      parts.setMark({ ...asked, author: stream.accountId }, (result) => {
        if (!result.ok) return session.refuse(frame, result.code)
        parts.figures.served(stream.accountId)
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
      const waitMs = session.accountPace?.refreshes.spend(parts.clock.monotonic()) ?? 0
      if (waitMs > 0) return session.refuse(frame, 'busy', Math.max(waitMs, GATEWAY_BOUNDS.busyRetryMs))
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
