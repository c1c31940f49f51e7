import type { Suspension } from '@bongsu/protocol'
import { useLanguage } from '../adapters/settings-store.ts'
import { stampLabel } from '../text/time-labels.ts'
import { useSuspensionTexts } from '../text/suspension-texts.ts'

/** Why an account is suspended, until when, and how to appeal [B55]. */
export function SuspensionTold({ suspension: { until, reason, appeal } }: { readonly suspension: Suspension }) {
  const told = useSuspensionTexts()
  const language = useLanguage()
  return (
    <div className="suspension" data-testid="suspension">
      <p>{until === null ? told.suspendedForGood : told.suspendedUntil(stampLabel(until, language))}</p>
      <dl>
        <div>
          <dt>{told.suspendedReason}</dt>
          <dd dir="auto">{reason}</dd>
        </div>
        <div>
          <dt>{told.suspendedAppeal}</dt>
          <dd dir="auto">{appeal === '' ? told.suspendedAppealNone : appeal}</dd>
        </div>
      </dl>
    </div>
  )
}
