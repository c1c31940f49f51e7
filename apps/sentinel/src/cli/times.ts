const dayMs = 86_400_000

/** Which of the possible times a bare 10:54 means. */
export type Toward = 'past' | 'future'

/**
 * Parses a time as people write it: `now`, 10:54 or 10:54:30 (the last or next such time), 2026-11-22 10:54 and 2026-11-22 (in that time zone), or
 * ISO 8601 with Z or an offset.
 *
 * @returns epoch ms; null when the text is no time.
 */
export function parseTime(text: string, timeZone: string, now: number, toward: Toward): number | null {
  const trimmed = text.trim()
  if (trimmed === 'now') return now
  // Midnight has two names, and people disagree on which day 24:00 belongs to.
  if (/(?:^|[T ])24:/i.test(trimmed)) return null
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(trimmed))
    return isDay(trimmed.slice(0, 10)) ? orNull(Date.parse(trimmed)) : null
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(trimmed)
  if (clock !== null) {
    const today = dayOf(now, timeZone)
    const at = inZone(`${today}T${(clock[1] ?? '').padStart(2, '0')}:${clock[2]}:${clock[3] ?? '00'}Z`, timeZone)
    if (at === null) return null
    if (toward === 'past' && at > now) return inZone(new Date(wallOf(at, timeZone) - dayMs).toISOString(), timeZone)
    if (toward === 'future' && at < now) return inZone(new Date(wallOf(at, timeZone) + dayMs).toISOString(), timeZone)
    return at
  }
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?)?$/.exec(trimmed)
  return date === null ? null : inZone(`${date[1]}T${date[2] ?? '00:00'}:${date[3] ?? '00'}Z`, timeZone)
}

/** Such as 2026-11-22 10:54:30, in that time zone. */
export function formatTime(at: number, timeZone: string): string {
  return new Date(wallOf(at, timeZone)).toISOString().slice(0, 19).replace('T', ' ')
}

/** Such as 86 min, or 2 h 5 min. */
export function formatSpan(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function dayOf(at: number, timeZone: string): string {
  return formatTime(at, timeZone).slice(0, 10)
}

/** The local time there, as if it were UTC. */
function wallOf(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) + (((at % 1_000) + 1_000) % 1_000)
}

/** The moment at which the local time there is this. Two steps, because the offset is that of the result, not of the first guess. */
function inZone(wall: string, timeZone: string): number | null {
  const wanted = Date.parse(wall)
  if (Number.isNaN(wanted) || !isDay(wall.slice(0, 10))) return null
  let at = wanted
  for (let turn = 0; turn < 2; turn++) at += wanted - wallOf(at, timeZone)
  return at
}

/** Date.parse turns 31 November into 1 December. Such a day is invalid. */
function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number
}
