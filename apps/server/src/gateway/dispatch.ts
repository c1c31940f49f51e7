import type { AccountId, DownFrame, RefusalCode, UpFrame, UpType } from '@bongsu/protocol'
import { Unavailable } from '../conversation/log-store.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { answerAudit } from './audit.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { GatewayParts } from './parts.ts'

/** What a handler may do with the connection it speaks for. */
export interface Session {
  readonly accountId: AccountId | null
  /** Whether the figures count what it does [F3]. */
  readonly counted: boolean
  send(frame: DownFrame): void
  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number): void
  sendBegins(): boolean
  sendDone(): void
}

type Handler<T extends UpType> = (parts: GatewayParts, session: Session, stream: DeviceStream, frame: Extract<UpFrame, { t: T }>) => void

/** Every frame a device may send has exactly one handler [W2]. `hello` is the connection's own. */
const handlers: { readonly [T in Exclude<UpType, 'hello'>]: Handler<T> } = {
  send(parts, session, stream, frame) {
    if (parts.overload.sheds('send')) return session.refuse(frame, 'busy', parts.overload.sendRetryMs()) // [seam: shed-sends]
    if (!session.sendBegins()) return session.refuse(frame, 'busy', GATEWAY_BOUNDS.busyRetryMs)
    const startedAt = parts.clock.monotonic()
    const request = { conversationId: frame.conversationId, author: stream.accountId, id: frame.id, body: frame.body }
    parts
      .append(request, (result) => {
        if (!result.ok) return session.refuse(frame, result.code)
        parts.metrics.accepted(parts.clock.monotonic() - startedAt)
        if (session.counted) parts.figures.accepted()
        session.send({ t: 'accepted', id: frame.id, conversationId: frame.conversationId, seq: result.seq, acceptedAt: result.acceptedAt })
      })
      .catch((cause: unknown) => {
        parts.failed(cause)
        if (cause instanceof Unavailable) session.refuse(frame, cause.full ? 'busy' : 'unavailable', cause.retryAfterMs) // [seam: refuse-unanswered-send]
        else session.refuse(frame, 'internal', GATEWAY_BOUNDS.busyRetryMs)
      })
      .finally(() => session.sendDone())
  },

  set(_parts, session, _stream, frame) {
    session.refuse(frame, 'frame-unknown')
  },

  read(parts, session, stream, frame) {
    if (stream.room(frame.conversationId) === undefined) return session.refuse(frame, 'not-a-member')
    parts.markRead(stream.accountId, frame.conversationId, frame.seq)
  },

  typing(parts, session, stream, frame) {
    if (stream.room(frame.conversationId) === undefined) return session.refuse(frame, 'not-a-member')
    // Said by nobody else and missed by nobody: the first to go [O2].
    if (parts.overload.sheds('typing')) return
    parts.typing(frame.conversationId, stream.accountId)
  },

  watch(parts, session, stream, frame) {
    if (frame.conversationId === null) return stream.setWatch(null)
    const room = stream.room(frame.conversationId)
    if (room === undefined) return session.refuse(frame, 'not-a-member')
    stream.setWatch({ room, from: frame.from, to: frame.to })
    parts.unread.tell(stream)
  },

  'ask-heads'(_parts, session, stream) {
    session.send({ t: 'heads', account: stream.accountCursor, heads: stream.heads() })
  },

  refresh(_parts, session, stream, frame) {
    if (!stream.refresh(frame.conversationId)) session.refuse(frame, 'not-a-member')
  },

  ping(_parts, session, _stream, frame) {
    session.send({ t: 'pong', n: frame.n })
  },

  audit: answerAudit,

  'audit-fault'(parts) {
    parts.metrics.auditFault()
  },
}

export function dispatch(parts: GatewayParts, session: Session, stream: DeviceStream, frame: Exclude<UpFrame, { t: 'hello' }>): void {
  // The table's type pairs each frame with its handler; the compiler cannot follow the pair through the look-up.
  const handle = handlers[frame.t] as Handler<UpType>
  handle(parts, session, stream, frame)
}
