import { CONDITIONS, IMPACTS, type Condition, type Hit, type Impact, type Share, type Text } from '../vocabulary/incident.ts'
import { COMPONENTS, PROFILES, type Component } from '../vocabulary/observation.ts'

/** Conditions that a person may state. `unknown` is reserved for the sentinel, and maintenance has its own acts. */
export const SAYABLE: readonly Condition[] = CONDITIONS.filter((condition) => condition !== 'unknown' && condition !== 'under_maintenance')
/** What a form says of a component whose state no person may state, so that the state stays. */
export const UNCHANGED = 'unchanged'

/** A component that a person named, with its state. Without profiles the state holds for those that had it before, or for all. */
export type NamedHit = Omit<Hit, 'profiles'> & Partial<Pick<Hit, 'profiles'>>

export type Typed = ReturnType<typeof readTyped>

/** What a person typed: flags of a command, or fields of a form, under the same names. An empty value is a missing one. */
export function readTyped(values: URLSearchParams, timeZone: string, now: number) {
  const faults: Text[] = []
  const text = (name: string): string | undefined => {
    const value = values.get(name)?.replaceAll('\r\n', '\n').trim()
    return value === '' ? undefined : value
  }
  const oneOf = <Word extends string>(name: string, value: string | undefined, words: readonly Word[]): Word | undefined => {
    const word = words.find((each) => each === value)
    if (value !== undefined && word === undefined)
      faults.push({
        ko: `${name}: "${value}"는 없습니다. ${words.join(', ')} 중 하나입니다.`,
        en: `${name}: there is no "${value}"; it is one of ${words.join(', ')}.`,
      })
    return word
  }
  const named = (): readonly string[] | undefined => (values.has('component') ? values.getAll('component').filter((each) => each !== '') : undefined)

  return {
    /** What cannot be read. Everything is reported at once: a person at three in the morning sees all mistakes together. */
    faults,
    /** A text in both languages. A missing one is replaced by the other. */
    both(name: 'title' | 'body' | 'why'): Text | undefined {
      const [ko, en] = [text(`${name}-ko`), text(`${name}-en`)]
      const known = ko ?? en
      return known === undefined ? undefined : { ko: ko ?? known, en: en ?? known }
    },
    time(name: string, toward: Toward): number | undefined {
      const value = text(name)
      const at = value === undefined ? undefined : parseTime(value, timeZone, now, toward)
      if (at === null)
        faults.push({
          ko: `${name}: 시각을 읽을 수 없습니다: ${value}. 10:54, 2026-11-22 10:54 처럼 씁니다.`,
          en: `${name}: "${value}" is not a time; write 10:54 or 2026-11-22 10:54.`,
        })
      return at ?? undefined
    },
    hits(): readonly NamedHit[] | undefined {
      const hits = named()?.flatMap((value) => {
        if (COMPONENTS.some((component) => value === `${component}=${UNCHANGED}`)) return []
        const hit = parseHit(value)
        const form = `${COMPONENTS.join('|')}=${SAYABLE.join('|')}[:${PROFILES.join(',')}]`
        if (hit === null)
          faults.push({ ko: `component: "${value}"를 알 수 없습니다. 쓰는 법: ${form}`, en: `component: "${value}" is not valid; write ${form}.` })
        return hit ?? []
      })
      if (hits !== undefined && new Set(hits.map(({ component }) => component)).size < hits.length)
        faults.push({ ko: 'component: 같은 구성 요소가 두 번 있습니다.', en: 'component: one component is named twice.' })
      return hits
    },
    components(): readonly Component[] | undefined {
      const known = named()?.flatMap((value) => oneOf('component', value, COMPONENTS) ?? [])
      return known === undefined ? undefined : [...new Set(known)]
    },
    impact: (): Impact | undefined => oneOf('impact', text('impact'), IMPACTS),
    status: <Word extends string>(words: readonly Word[]): Word | undefined => oneOf('status', text('status'), words),
    share(): Share | undefined {
      const [value, range] = [text('share'), text('share-range')]
      const share = value === undefined ? undefined : parseShare(value, range)
      if (share === null || (value === undefined && range !== undefined))
        faults.push({
          ko: 'share: 0에서 100 사이를 8%처럼, share-range는 5%-11%처럼 쓰고, 값은 그 안에 있어야 합니다.',
          en: 'share: write it as 8%, from 0 to 100, and share-range as 5%-11%, with the share inside.',
        })
      return share ?? undefined
    },
  }
}

/** Such as `sign-in=major_outage`, or `sign-in=major_outage:pc`. */
function parseHit(value: string): NamedHit | null {
  const [, name, word, places] = /^([a-z-]+)=([a-z_]+)(?::([a-z,]+))?$/.exec(value) ?? []
  const component = COMPONENTS.find((each) => each === name)
  const condition = SAYABLE.find((each) => each === word)
  if (component === undefined || condition === undefined) return null
  if (places === undefined) return { component, condition }
  const profiles = PROFILES.filter((profile) => places.split(',').includes(profile))
  return profiles.length === places.split(',').length ? { component, condition, profiles } : null
}

/** A person's statement: nobody counted, so the counts are 0, and without a range the range is the value itself. */
function parseShare(text: string, range: string | undefined): Share | null {
  const value = parsePercent(text)
  const [low, high] = range === undefined ? [value, value] : (/^([^-~]+)[-~]([^-~]+)$/.exec(range) ?? []).slice(1).map(parsePercent)
  if (value === null || low === null || high === null || low === undefined || high === undefined || low > value || high < value) return null
  return { kind: 'affected', source: 'person', value, low, high, affected: 0, total: 0 }
}

/** With its sign: a bare 8 could mean 8 or 800 percent. */
function parsePercent(text: string): number | null {
  const number = /^\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*$/.exec(text)?.[1]
  return number === undefined || Number(number) > 100 ? null : Number((Number(number) / 100).toFixed(8))
}

/** Which of the possible times a bare 10:54 means. */
export type Toward = 'past' | 'future'

/**
 * Parses a time as people write it: `now`, 10:54 or 10:54:30 (the last or next such time), 2026-11-22 10:54 and 2026-11-22 (in that time zone), or
 * ISO 8601 with Z or an offset.
 *
 * @returns epoch ms; null when the text is no time.
 */
export function parseTime(text: string, timeZone: string, now: number, toward: Toward): number | null {
  const typed = text.trim()
  if (typed === 'now') return now
  try {
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(typed)) return Temporal.Instant.from(typed).epochMilliseconds
    if (/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?$/.test(typed))
      return Temporal.PlainDateTime.from(typed.replace(' ', 'T')).toZonedDateTime(timeZone).epochMilliseconds
    if (!/^\d{1,2}:\d\d(?::\d\d)?$/.test(typed)) return null
    const at = zoned(now, timeZone).withPlainTime(typed.padStart(typed.length + (typed.indexOf(':') === 1 ? 1 : 0), '0'))
    const days = toward === 'past' && at.epochMilliseconds > now ? -1 : toward === 'future' && at.epochMilliseconds < now ? 1 : 0
    return at.add({ days }).epochMilliseconds
  } catch (error) {
    // Temporal refuses days and times that do not exist, 24:00 included.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Such as 2026-11-22 10:54:30, in that time zone. */
export function formatTime(at: number, timeZone: string): string {
  return zoned(at, timeZone).toPlainDateTime().toString({ smallestUnit: 'second' }).replace('T', ' ')
}

function zoned(at: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
}
