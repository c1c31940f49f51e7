import type { RefusalCode } from '@bongsu/protocol'
import type { ko } from './ko.ts'

export type Language = 'ko' | 'en'

/** The shape of ko.ts: a key that is a sentence there is a sentence in every language, a key that takes words takes the same words. */
export type Texts = {
  readonly [K in Exclude<keyof typeof ko, 'refusals'>]: (typeof ko)[K] extends (...words: infer Words) => string
    ? (...words: Words) => string
    : string
} & { readonly refusals: Readonly<Record<RefusalCode, string>> }
