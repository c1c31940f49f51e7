import type { ApiResult } from '@bongsu/client'
import type { RefusalCode } from '@bongsu/protocol'
import { inWords } from './countdown.ts'
import type { Texts } from './texts.ts'

export type Failure = Extract<ApiResult<unknown>, { ok: false }>

/** Why something failed, in words. `special` overrides the sentence of a code for one place. */
export function failureText(texts: Texts, { refusal, offline }: Failure, special: Partial<Record<RefusalCode, string>> = {}): string {
  if (offline === true) return texts.unreachable
  const sentence = special[refusal.code] ?? texts.refusals[refusal.code]
  const seconds = Math.ceil((refusal.retryAfterMs ?? 0) / 1_000)
  return seconds > 1 ? `${sentence} ${inWords(seconds, { seconds: texts.waitSeconds, minutes: texts.waitMinutes })}` : sentence
}
