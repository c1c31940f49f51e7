import { LIMITS } from '@bongsu/protocol'
import { icon } from '../../parts/icons.tsx'
import { toast } from '../../parts/toast.tsx'
import type { Language } from '../../text/language.ts'
import { placeTexts, type PlaceBody } from './place.ts'

const PinIcon = icon(
  <>
    <path d="M12 21s6.500-6 6.500-11a6.500 6.500 0 0 0-13 0c0 5 6.500 11 6.500 11Z" />
    <circle cx="12" cy="10" r="2.300" />
  </>,
)

/** Longest time to find the place, and greatest age of a known place. */
const LOOK_MS = 15_000
const KNOWN_FOR_MS = 30_000

/** Asks the browser for its place and sends it. The browser asks the person for permission the first time. */
export function PlaceButton({ language, onPlace }: { readonly language: Language; readonly onPlace: (body: PlaceBody) => void }) {
  const words = placeTexts[language]
  function look(): void {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        onPlace({
          kind: 'place',
          geo: `${latitude.toFixed(5)},${longitude.toFixed(5)}`,
          withinM: Math.min(LIMITS.placeWithinMMax, Math.ceil(accuracy)),
        }),
      () => toast(words.failed),
      { enableHighAccuracy: true, timeout: LOOK_MS, maximumAge: KNOWN_FOR_MS },
    )
  }
  return (
    <button type="button" className="composer-emoji" aria-label={words.send} title={words.send} onClick={look} data-testid="send-place">
      <PinIcon size={22} />
    </button>
  )
}
