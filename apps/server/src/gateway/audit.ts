import { LIMITS, type UpFrame } from '@bongsu/protocol'
import { Unavailable } from '../conversation/log-store.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { Session } from './dispatch.ts'
import type { GatewayParts } from './parts.ts'
import { TokenBucket } from './token-bucket.ts'

/** How often each device may ask. Apart from the connection, since most never do. */
const buckets = new WeakMap<DeviceStream, TokenBucket>()
/** Audits under way, of each server in this process. */
const underWay = new WeakMap<GatewayParts, number>()

/** Answers with the hash of a stretch [A1]. The least urgent of all requests: refused before it makes others wait [O2]. */
export function answerAudit(parts: GatewayParts, session: Session, stream: DeviceStream, frame: UpFrame & { t: 'audit' }): void {
  const { conversationId, from, to } = frame
  const joinedSeq = stream.joinedSeq(conversationId)
  if (joinedSeq === undefined) return session.refuse(frame, 'not-a-member')
  // [W4] Nothing is said of entries from before the account came in.
  if (from < joinedSeq || to < from || to - from >= LIMITS.auditEntriesMax) return session.refuse(frame, 'body-invalid')
  const waitMs = bucketOf(parts, stream).take(parts.clock.monotonic())
  if (waitMs > 0) return session.refuse(frame, 'rate-limited', waitMs)
  const inFlight = underWay.get(parts) ?? 0
  if (parts.overload.sheds('typing') || inFlight >= GATEWAY_BOUNDS.auditsInFlightMax) return session.refuse(frame, 'busy', GATEWAY_BOUNDS.busyRetryMs)
  underWay.set(parts, inFlight + 1)
  parts.audit
    .hash(conversationId, from, to)
    .then(({ hash }) => session.send({ t: 'audit', conversationId, from, to, hash }))
    .catch((cause: unknown) => {
      parts.failed(cause)
      session.refuse(frame, cause instanceof Unavailable ? 'unavailable' : 'internal', GATEWAY_BOUNDS.busyRetryMs)
    })
    .finally(() => underWay.set(parts, (underWay.get(parts) ?? 1) - 1))
}

function bucketOf(parts: GatewayParts, stream: DeviceStream): TokenBucket {
  let bucket = buckets.get(stream)
  if (bucket === undefined) {
    bucket = new TokenBucket(GATEWAY_BOUNDS.auditsPerSecond, GATEWAY_BOUNDS.auditsBurst, parts.clock.monotonic())
    buckets.set(stream, bucket)
  }
  return bucket
}
