import { CONDITIONS, type Condition, type Hit, type Impact, type IncidentStatus, type Share, type Text } from '../incident/incident.ts'
import { COMPONENTS, PROFILES, type Component, type Profile } from '../record/observation.ts'
import { parseTime, type Toward } from './times.ts'
import { speaker, type Terminal } from './terminal.ts'

// Parsers of flag values. Each adds a sentence for an unreadable value, so that a person at three in the morning sees all mistakes at once.

/** Conditions that a person may state for an incident. `unknown` is reserved for the sentinel, and maintenance has its own command. */
const SAYABLE = CONDITIONS.filter((condition) => condition !== 'unknown' && condition !== 'under_maintenance')
const IMPACTS: readonly Impact[] = ['none', 'minor', 'major', 'critical']
const STATUSES: readonly IncidentStatus[] = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem']

export type Flags = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

export interface Reader {
  readonly problems: string[]
  text(name: string): string | undefined
  flag(name: string): boolean
  /** A text in both languages. A missing one is replaced by the other. */
  both(name: string): Text | undefined
  time(name: string, toward: Toward): number | undefined
  hits(): readonly Hit[] | undefined
  components(): readonly Component[]
  impact(): Impact | undefined
  status(): IncidentStatus | undefined
  share(): Share | undefined
}

export function readFlags(flags: Flags, terminal: Terminal): Reader {
  const say = speaker(terminal)
  const problems: string[] = []
  const text = (name: string): string | undefined => {
    const value = flags[name]
    return typeof value === 'string' ? value : undefined
  }
  const list = (name: string): readonly string[] => {
    const value = flags[name]
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  }
  const oneOf = <T extends string>(name: string, words: readonly T[]): T | undefined => {
    const value = text(name)
    const word = words.find((each) => each === value)
    if (value !== undefined && word === undefined)
      problems.push(
        say(
          `--${name}: "${value}"는 없습니다. ${words.join(', ')} 중 하나입니다.`,
          `--${name}: there is no "${value}"; it is one of ${words.join(', ')}.`,
        ),
      )
    return word
  }
  return {
    problems,
    text,
    flag: (name) => flags[name] === true,
    both(name) {
      const [ko, en] = [text(`${name}-ko`), text(`${name}-en`)]
      const known = ko ?? en
      return known === undefined ? undefined : { ko: ko ?? known, en: en ?? known }
    },
    time(name, toward) {
      const value = text(name)
      if (value === undefined) return undefined
      const at = parseTime(value, terminal.timeZone, terminal.now(), toward)
      if (at === null)
        problems.push(
          say(
            `--${name}: "${value}"는 시각이 아닙니다. 10:54, "2026-11-22 10:54" 처럼 쓰십시오.`,
            `--${name}: "${value}" is not a time; write 10:54 or "2026-11-22 10:54".`,
          ),
        )
      return at ?? undefined
    },
    hits() {
      const given = list('component')
      const hits = given.flatMap((value) => {
        const hit = parseHit(value)
        if (hit !== null) return [hit]
        const names = `${COMPONENTS.join('|')}=${SAYABLE.join('|')}[:${PROFILES.join(',')}]`
        problems.push(say(`--component: "${value}"를 알 수 없습니다. 쓰는 법: ${names}`, `--component: "${value}" is not valid; write ${names}.`))
        return []
      })
      if (new Set(hits.map(({ component }) => component)).size < hits.length)
        problems.push(say('--component: 같은 구성 요소가 두 번 있습니다.', '--component: one component is named twice.'))
      return given.length === 0 ? undefined : hits
    },
    components() {
      const given = list('component')
      const known = given.filter((value): value is Component => COMPONENTS.some((component) => component === value))
      for (const value of given)
        if (!known.some((component) => component === value))
          problems.push(
            say(
              `--component: "${value}"는 없습니다. ${COMPONENTS.join(', ')} 중 하나입니다.`,
              `--component: there is no "${value}"; it is one of ${COMPONENTS.join(', ')}.`,
            ),
          )
      return [...new Set(known)]
    },
    impact: () => oneOf('impact', IMPACTS),
    status: () => oneOf('status', STATUSES),
    share() {
      const [value, range] = [text('share'), text('share-range')]
      if (value === undefined) {
        if (range !== undefined) problems.push(say('--share-range 는 --share 와 함께 씁니다.', '--share-range needs --share.'))
        return undefined
      }
      const share = parseShare(value, range)
      if (share === null)
        problems.push(
          say(
            '--share 는 8% 처럼, --share-range 는 5%-11% 처럼 쓰고, 값은 그 안에 있어야 합니다.',
            'Write --share as 8% and --share-range as 5%-11%, with the value inside the range.',
          ),
        )
      return share ?? undefined
    },
  }
}

/** Such as `sign-in=major_outage`, or `sign-in=major_outage:pc`. */
function parseHit(value: string): Hit | null {
  const [, name, word, places] = /^([a-z-]+)=([a-z_]+)(?::([a-z,]+))?$/.exec(value) ?? []
  const component = COMPONENTS.find((each) => each === name)
  const condition = SAYABLE.find((each) => each === word)
  if (component === undefined || condition === undefined) return null
  const profiles = places === undefined ? PROFILES : places.split(',')
  if (!profiles.every((profile): profile is Profile => PROFILES.some((known) => known === profile))) return null
  return { component, condition: condition satisfies Condition, profiles: PROFILES.filter((profile) => profiles.includes(profile)) }
}

/** A person's statement: nobody counted, so the counts are 0, and without a range the range is the value itself. */
function parseShare(text: string, range: string | undefined): Share | null {
  const value = parsePercent(text)
  const [low, high] = range === undefined ? [value, value] : (/^([^-~]+)[-~]([^-~]+)$/.exec(range) ?? []).slice(1).map(parsePercent)
  if (value === null || low === null || high === null || low === undefined || high === undefined || low > value || high < value) return null
  return { value, low, high, affected: 0, total: 0, source: 'person' }
}

/** With its sign: a bare 8 could mean 8 or 800 percent. */
function parsePercent(text: string): number | null {
  const number = /^\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*$/.exec(text)?.[1]
  return number === undefined || Number(number) > 100 ? null : Number((Number(number) / 100).toFixed(8))
}
