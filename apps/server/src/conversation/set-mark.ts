import assert from 'node:assert/strict'
import { faultInAct, type RefusalCode } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { LogStore, SetDone, SetRequest } from './log-store.ts'

export interface SetMarkParts {
  readonly log: Pick<LogStore, 'set'>
  readonly clock: Pick<Clock, 'now'>
  readonly announce: (request: SetRequest, result: SetDone) => void
}

export type SetMarkAnswer = SetDone | { readonly ok: false; readonly code: RefusalCode }

/** Does one act for its author: `setMark` with its parts. */
export type SetMark = (request: SetRequest, answer: (result: SetMarkAnswer) => void) => Promise<void>

/**
 * Sets a mark or takes it back: once `log.set` has resolved, the act is durable [I1]. Rejects with `Unavailable` when the store cannot say; the
 * author tries again with the same id [I2]. `answer` is called before the hint is announced.
 */
export async function setMark(parts: SetMarkParts, request: SetRequest, answer: (result: SetMarkAnswer) => void): Promise<void> {
  const fault = faultInAct(request.act)
  if (fault !== null) return answer({ ok: false, code: fault })
  const [result] = await parts.log.set([request], parts.clock.now())
  assert(result !== undefined, 'the log store answers as many acts as it was given')
  answer(result) // [seam: answer-author]
  if (result.ok && result.written !== null) parts.announce(request, result) // [seam: announce-item]
}
