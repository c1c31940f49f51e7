import { countCodePoints } from '@bongsu/protocol'
import { parseTime, type Toward } from '../cli/times.ts'
import { CONDITIONS, type Condition, type Hit, type Impact, type IncidentStatus, type Share, type Text } from '../incident/incident.ts'
import { TEXT_BOUNDS } from '../incident/updates.ts'
import { COMPONENTS, PROFILES, type Component } from '../record/observation.ts'

/** Conditions that a person may state for a component. `unknown` is reserved for the sentinel, and maintenance has its own form. */
export const SAYABLE: readonly Condition[] = CONDITIONS.filter((condition) => condition !== 'unknown' && condition !== 'under_maintenance')
export const IMPACTS: readonly Impact[] = ['none', 'minor', 'major', 'critical']
export const STATUSES: readonly IncidentStatus[] = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem']

/** Reads the fields of a form. All unreadable fields are reported at once, in both languages. */
export interface SaidForm {
  readonly faults: readonly Text[]
  /** A text in both languages. A missing one is replaced by the other. */
  both(name: 'title' | 'body' | 'why', need: 'needed' | 'optional'): Text | undefined
  time(name: string, toward: Toward, need?: 'needed'): number | undefined
  status(): IncidentStatus | undefined
  impact(): Impact | undefined
  /** Hit components. Operational ones are left out. */
  hits(): readonly Hit[]
  components(): readonly Component[]
  share(): Share | undefined
  checked(name: string): boolean
}

const NAMES = {
  title: { ko: '제목', en: 'title', max: TEXT_BOUNDS.titleCodePointsMax },
  body: { ko: '본문', en: 'text', max: TEXT_BOUNDS.bodyCodePointsMax },
  why: { ko: '까닭', en: 'reason', max: TEXT_BOUNDS.bodyCodePointsMax },
} as const

export function readSaidForm(form: URLSearchParams, timeZone: string, now: number): SaidForm {
  const faults: Text[] = []
  const oneOf = <Word extends string>(name: string, words: readonly Word[]): Word | undefined => words.find((word) => word === form.get(name))
  return {
    faults,
    both(name, need) {
      const { ko, en, max } = NAMES[name]
      const [korean, english] = [wordsIn(form, `${name}-ko`), wordsIn(form, `${name}-en`)]
      if (korean === '' && english === '') {
        if (need === 'needed') faults.push({ ko: `빈칸이 있습니다: ${ko}`, en: `The ${en} is empty.` })
        return undefined
      }
      const text = { ko: korean === '' ? english : korean, en: english === '' ? korean : english }
      for (const words of new Set([text.ko, text.en])) {
        if (countCodePoints(words) > max) faults.push({ ko: `${ko}: ${max}자를 넘습니다.`, en: `The ${en} is longer than ${max} characters.` })
        if (!words.isWellFormed() || words.includes('\0'))
          faults.push({ ko: `${ko}: 쓸 수 없는 글자가 있습니다.`, en: `The ${en} contains characters that cannot be used.` })
      }
      return text
    },
    time(name, toward, need) {
      const typed = (form.get(name) ?? '').trim()
      const at = typed === '' ? null : parseTime(typed, timeZone, now, toward)
      if (at !== null) return at
      if (typed !== '' || need === 'needed') faults.push({ ko: `시각을 읽을 수 없습니다: ${typed}`, en: `This is not a time: ${typed}` })
      return undefined
    },
    status: () => oneOf('status', STATUSES),
    impact: () => oneOf('impact', IMPACTS),
    hits() {
      const places = PROFILES.filter((profile) => form.getAll('where').includes(profile))
      return COMPONENTS.flatMap((component): Hit[] => {
        const condition = oneOf(`hit-${component}`, SAYABLE) ?? 'operational'
        return condition === 'operational' ? [] : [{ component, condition, profiles: places.length === 0 ? PROFILES : places }]
      })
    },
    components: () => COMPONENTS.filter((component) => form.getAll('component').includes(component)),
    share() {
      const typed = (form.get('share') ?? '').trim()
      if (typed === '') return undefined
      const number = /^(\d{1,3}(?:\.\d{1,4})?)\s*%?$/.exec(typed)?.[1]
      const value = number === undefined || Number(number) > 100 ? null : Number((Number(number) / 100).toFixed(8))
      if (value !== null) return { value, low: value, high: value, affected: 0, total: 0, source: 'person' }
      faults.push({ ko: `비율은 0에서 100 사이의 수입니다: ${typed}`, en: `The share must be a number from 0 to 100: ${typed}` })
      return undefined
    },
    checked: (name) => form.get(name) === 'yes',
  }
}

/** Browsers send CRLF. */
function wordsIn(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? '').replaceAll('\r\n', '\n').trim()
}
