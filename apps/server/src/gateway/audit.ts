import { LIMITS, type UpFrame } from '@bongsu/protocol'
import type { AuditStore } from '../conversation/audit-store.ts'
import { Unavailable } from '../conversation/log-store.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import type { Clock } from '../ops/clock.ts'
import type { Shedding } from '../ops/overload.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import type { Session } from './session.ts'
import { TokenBucket } from './token-bucket.ts'

export interface AuditParts {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly audit: Pick<AuditStore, 'hash'>
  readonly overload: Pick<Shedding, 'sheds'>
  readonly failed: (cause: unknown) => void
}

/** Answers with the hash of a stretch [A1]. Audits are the least urgent requests: they are refused before they make others wait [O2]. */
export function createAuditAnswers({ clock, audit, overload, failed }: AuditParts) {
  /** Rate limits by device. Separate from the connection, because most devices never ask. */
  const buckets = new WeakMap<DeviceStream, TokenBucket>()
  /** Audits in progress. */
  let underWay = 0

  function bucketOf(stream: DeviceStream): TokenBucket {
    let bucket = buckets.get(stream)
    if (bucket === undefined) {
      bucket = new TokenBucket(GATEWAY_BOUNDS.auditsPerSecond, GATEWAY_BOUNDS.auditsBurst, clock.monotonic())
      buckets.set(stream, bucket)
    }
    return bucket
  }

  return (session: Session, stream: DeviceStream, frame: UpFrame & { t: 'audit' }): void => {
    const { conversationId, from, to } = frame
    const joinedSeq = stream.joinedSeq(conversationId)
    if (joinedSeq === undefined) return session.refuse(frame, 'not-a-member')
    // [W4] Nothing is revealed about entries from before the account joined.
    if (from < joinedSeq || to < from || to - from >= LIMITS.auditEntriesMax) return session.refuse(frame, 'body-invalid')
    const waitMs = bucketOf(stream).spend(clock.monotonic())
    if (waitMs > 0) return session.refuse(frame, 'rate-limited', waitMs)
    if (overload.sheds('typing') || underWay >= GATEWAY_BOUNDS.auditsInFlightMax) return session.refuse(frame, 'busy', GATEWAY_BOUNDS.busyRetryMs)
    underWay++
    audit
      .hash(conversationId, from, to)
      .then(({ hash, marks, change }) =>
        session.send({ t: 'audit', conversationId, from, to, hash, ...(stream.knowsItems && marks !== null ? { marks, change } : {}) }),
      )
      .catch((cause: unknown) => {
        failed(cause)
        session.refuse(frame, cause instanceof Unavailable ? 'unavailable' : 'internal', GATEWAY_BOUNDS.busyRetryMs)
      })
      .finally(() => underWay--)
  }
}
