import { SendRejected } from '@bongsu/client'
import type { Texts } from './texts.ts'

/** Why this device did not accept something into its outbox. */
export function whyNot(texts: Texts, error: unknown): string {
  if (!(error instanceof SendRejected)) return texts.couldNotStore
  if (error.code === 'feature-missing') return texts.featureMissing
  return error.code === 'outbox-full' || error.code === 'storage-failed' ? texts.couldNotStore : texts.refusals[error.code]
}
