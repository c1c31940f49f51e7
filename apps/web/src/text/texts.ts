import type { RefusalCode } from '@bongsu/protocol'
import type { ko } from './ko.ts'

/** The shape of ko.ts: a sentence there is a sentence in every language, and a function takes the same arguments in every language. */
export type Texts = {
  readonly [K in Exclude<keyof typeof ko, 'refusals'>]: (typeof ko)[K] extends (...words: infer Words) => string
    ? (...words: Words) => string
    : string
} & { readonly refusals: Readonly<Record<RefusalCode, string>> }
