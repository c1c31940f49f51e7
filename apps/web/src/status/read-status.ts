import type { StatusDocument } from '@bongsu/protocol'

type Incident = StatusDocument['incidents'][number]

/** The part of the sentinel's document that the app uses. */
export interface Status extends Pick<StatusDocument, 'pageUrl' | 'measuredAt' | 'staleAfterMs'> {
  /** The sentinel itself has answered, so it may be told something [F7]. */
  readonly hears: boolean
  readonly incidents: readonly Pick<Incident, 'id' | 'url' | 'title' | 'body' | 'impact' | 'updatedAt'>[]
}

/** A longer answer is refused: the document has a few thousand characters. */
export const statusCharsMax = 65_536
/** Most incidents that are read, and most characters shown of a text. */
const incidentsMax = 20
const titleCharsMax = 200
const bodyCharsMax = 160

type Fields = Readonly<Record<string, unknown>>

/** Parses the document from the sentinel's address. Null when it has another shape [F6]. Its texts are shown as text and nothing else. */
export function readStatus(text: string): Status | null {
  if (text.length > statusCharsMax) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const { pageUrl, measuredAt, staleAfterMs, incidents, hears } = fieldsOf(value)
  if (!isAddress(pageUrl) || !(measuredAt === null || isTime(measuredAt)) || !isTime(staleAfterMs) || !Array.isArray(incidents)) return null
  const read = incidents.slice(0, incidentsMax).map(readIncident)
  if (read.some((one) => one === null)) return null
  return { pageUrl, measuredAt, staleAfterMs, hears: hears === true, incidents: read.filter((one) => one !== null) }
}

function readIncident(value: unknown): Status['incidents'][number] | null {
  const { id, url, impact, updatedAt, ...rest } = fieldsOf(value)
  const [title, body] = [readText(rest['title'], titleCharsMax), readText(rest['body'], bodyCharsMax, factOf)]
  if (typeof id !== 'string' || id.length > 100 || !isAddress(url) || !isTime(updatedAt) || title === null || body === null) return null
  if (impact !== 'none' && impact !== 'minor' && impact !== 'major' && impact !== 'critical') return null
  return { id, url, impact, updatedAt, title, body }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function readText(value: unknown, charsMax: number, part = (text: string): string => text): Incident['title'] | null {
  const { ko, en } = fieldsOf(value)
  return typeof ko === 'string' && typeof en === 'string' ? { ko: cut(part(ko), charsMax), en: cut(part(en), charsMax) } : null
}

/** An update has headed lines, `■ Fact: words`, the fact first. The others are one press away. A text without headings is shown as it is. */
function factOf(text: string): string {
  return /^■ [^:\n]{1,20}: *(.*)/.exec(text)?.[1] ?? text
}

/** Cuts between words, so that no number is cut. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  const start = text.slice(0, charsMax)
  const isWhole = /\s/.test(text.charAt(charsMax))
  const words = isWhole ? start : start.replace(/\s+\S*$/, '')
  return `${words.toWellFormed()}…`
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Only addresses a link may lead to: any other scheme could be a script. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1_000 && /^https?:\/\//.test(value) && URL.canParse(value)
}

/** The banner at the top of the screen. */
export type Banner =
  | {
      readonly kind: 'incident'
      readonly key: string
      readonly url: string
      readonly impact: Incident['impact']
      readonly title: Incident['title']
      readonly body: Incident['body']
      readonly updatedAt: number
    }
  /** Neither the messenger nor the sentinel can say anything. */
  | { readonly kind: 'silent'; readonly key: string; readonly url: string }

/** An older answer says nothing about the present. */
export const heardMsMax = 90_000

export interface Seen {
  readonly status: Status
  /** Time of the answer, by this device's clock. */
  readonly heardAt: number
}

/**
 * The newest incident that was not dismissed, from fresh evidence. Or the fact that the sentinel itself is silent, which is shown only to a device
 * that is cut off as well: for others it would be an alarm about an alarm. An answer that was fresh, and grew old because nothing was asked since, says
 * nothing about the sentinel.
 */
export function bannerOf(seen: Seen | null, { now, live, putAway }: { now: number; live: boolean; putAway: ReadonlySet<string> }): Banner | null {
  if (seen === null) return null
  const { status, heardAt } = seen
  const fresh = status.measuredAt !== null && now - status.measuredAt <= status.staleAfterMs
  if (fresh) {
    const all = status.incidents.map((incident): Banner => ({ kind: 'incident', key: `${incident.id}@${incident.updatedAt}`, ...incident }))
    return all.find(({ key }) => !putAway.has(key)) ?? null
  }
  const silent: Banner = { kind: 'silent', key: `silent@${status.measuredAt ?? 0}`, url: status.pageUrl }
  const wasStale = status.measuredAt === null || heardAt - status.measuredAt > status.staleAfterMs
  return !live && wasStale && now - heardAt <= heardMsMax && !putAway.has(silent.key) ? silent : null
}
