import assert from 'node:assert/strict'
import { faultInBody, type AccountId, type RefusalCode } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import type { AppendRequest, Appended, LogStore } from './log-store.ts'

export interface AppendParts {
  readonly log: LogStore
  readonly clock: Clock
  /** Whether the account may call a room this [B30]; left out where nobody is staff. */
  readonly mayTitle?: (author: AccountId, title: string) => Promise<boolean>
  readonly announce: (request: AppendRequest, result: Appended) => void
}

export type AppendAnswer = Appended | { readonly ok: false; readonly code: RefusalCode }

/** Writes one entry for its sender: `append` with its parts. */
export type Append = (request: AppendRequest, answer: (result: AppendAnswer) => void) => Promise<void>

/**
 * Where a message starts to exist: once `log.append` has resolved, the message is durable, has its place, and cannot be lost [M1-M4]. Rejects with
 * `Unavailable` when the store cannot say; the sender tries again with the same id [M2].
 *
 * `answer` is called before the hint is announced, so that the sender gets *accepted* first [M5].
 */
export async function append(parts: AppendParts, request: AppendRequest, answer: (result: AppendAnswer) => void): Promise<void> {
  const fault = faultInBody(request.body)
  if (fault !== null) return answer({ ok: false, code: fault })
  const { author, body } = request
  if (body.kind === 'renamed' && (await parts.mayTitle?.(author, body.title)) === false) return answer({ ok: false, code: 'forbidden' })
  const [result] = await parts.log.append([request], parts.clock.now()) // [seam: append-to-log]
  assert(result !== undefined, 'the log store answers every request')
  answer(result) // [seam: answer-sender]
  if (result.ok && !result.repeated) parts.announce(request, result) // [seam: announce-entry]
}
