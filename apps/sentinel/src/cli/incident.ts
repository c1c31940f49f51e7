import { randomUUID } from 'node:crypto'
import type { Hit, Incident, IncidentUpdate, Text } from '../incident/incident.ts'
import { impactOf } from '../incident/lifecycle.ts'
import { faultsInUpdate, foldIncidents, isOpen, nextUpdate, openIncident, type Change } from '../incident/updates.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { readBody } from './body-text.ts'
import type { Parsed } from './parse.ts'
import { authorOf, choose, openToSpeak, publish, readSaid, refuse, sayOnce, type Derived, type Speech } from './speak.ts'
import { EXIT, speaker, type ExitCode, type Terminal } from './terminal.ts'
import { formatTime } from './times.ts'
import { readFlags, type Reader } from './values.ts'

const RESOLVED: Text = { ko: '다시 정상입니다.', en: 'Everything works again.' }
const CORRECTED: Text = { ko: '앞서 알린 내용을 바로잡습니다.', en: 'An earlier statement is corrected.' }

/** `open`, `update`, `resolve` and `correct`. */
export async function speakOfIncident({ command, id, flags }: Parsed, speech: Speech): Promise<ExitCode> {
  const { terminal } = speech
  const say = speaker(terminal)
  const reader = readFlags(flags, terminal)
  const wanted = readWanted(reader, command, terminal)
  const record = openToSpeak(speech, reader)
  if (record === null) return EXIT.failed
  try {
    if (command !== 'open') {
      const chosen = chosenIn(record, id, terminal)
      if (typeof chosen === 'string') reader.problems.push(chosen)
      else reader.problems.push(...misplaced(wanted, chosen, command, terminal))
    }
    // A text that could not be recorded anyway is not asked for.
    if (reader.problems.length > 0) return refuse(terminal, reader.problems)
    const body = await bodyOf(command, reader, terminal)
    if (body === null)
      return refuse(terminal, [
        say('본문이 없습니다: --body-ko, --body-en, 또는 표준 입력.', 'The body is missing: use --body-ko, --body-en, or standard input.'),
      ])
    const author = authorOf(reader, terminal)
    const newId = randomUUID()
    const derive = (at: number): Derived<IncidentUpdate> & { seq: number } => {
      const { seq, updates } = readSaid(record, 'incident')
      const chosen = command === 'open' ? null : choose(foldIncidents(updates), idOf, id, isOpen, terminal)
      if (typeof chosen === 'string') return { seq, problems: [chosen] }
      const update =
        chosen === null
          ? openIncident({ ...openingOf(wanted, at), id: newId, body, notify: !reader.flag('quiet') }, author, at)
          : nextUpdate(
              chosen,
              { ...changeOf(wanted, chosen, command), body, notify: command === 'correct' ? reader.flag('notify') : !reader.flag('quiet') },
              author,
              at,
            )
      const faults = faultsInUpdate(update)
      return faults.length > 0 ? { seq, problems: faults } : { seq, body: update }
    }
    const said = sayOnce(record, 'incident', derive, (update) => ({ kind: 'incident', body: update }), terminal.now())
    if ('problems' in said) {
      terminal.note(say('쓰신 글은 다음과 같습니다:', 'Your text was:'))
      terminal.note(`${body.ko}\n---\n${body.en}`)
      return refuse(terminal, said.problems)
    }
    const update = said.entry.body as IncidentUpdate
    terminal.out(
      say(
        `기록했습니다 (${said.entry.seq}번): ${update.incidentId} · ${update.status} · ${update.title.ko}`,
        `Recorded as entry ${said.entry.seq}: ${update.incidentId} · ${update.status} · ${update.title.en}`,
      ),
    )
  } finally {
    record.close()
  }
  return publish(speech, reader.flag('publish'))
}

/** The flags, before the incident is known. */
interface Wanted extends Omit<Change, 'body' | 'basis' | 'nextUpdateAt' | 'notify'> {
  readonly title?: Text
}

function readWanted(reader: Reader, command: string, terminal: Terminal): Wanted {
  const say = speaker(terminal)
  const values = {
    title: reader.both('title'),
    hits: reader.hits(),
    impact: reader.impact(),
    status: reader.status(),
    startedAt: reader.time('started', 'past'),
    detectedAt: reader.time('detected', 'past'),
    endedAt: reader.time('ended', 'past'),
    share: reader.share(),
    correction: command === 'correct' ? reader.both('why') : undefined,
  }
  if (command === 'open') {
    if (values.title === undefined)
      reader.problems.push(say('제목이 없습니다: --title-ko (그리고 --title-en).', 'The title is missing: use --title-ko (and --title-en).'))
    if (values.hits === undefined && reader.text('component') === undefined)
      reader.problems.push(
        say(
          '무엇이 잘못되었는지 없습니다: --component sign-in=major_outage 처럼.',
          'The component is missing: use --component sign-in=major_outage.',
        ),
      )
  }
  if (command === 'correct' && values.correction === undefined)
    reader.problems.push(say('무엇이 틀렸는지 없습니다: --why-ko (그리고 --why-en).', 'The reason is missing: use --why-ko (and --why-en).'))
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Wanted
}

function openingOf(wanted: Wanted, at: number) {
  const { title = { ko: '', en: '' }, hits = [], impact, startedAt = at, detectedAt = at, correction: _, ...rest } = wanted
  const failing = hits.filter(({ condition }) => condition !== 'operational')
  return { ...rest, title, hits: failing, impact: impact ?? impactOf(failing), startedAt, detectedAt }
}

function changeOf(wanted: Wanted, incident: Incident, command: string): Omit<Change, 'body' | 'notify'> {
  const { hits, ...rest } = wanted
  return {
    ...rest,
    ...(command === 'resolve' ? { status: wanted.status ?? 'resolved' } : {}),
    ...(hits === undefined ? {} : { hits: mergeHits(incident.hits, hits) }),
  }
}

/** Named components replace earlier values, operational ones are removed, and the others stay. */
function mergeHits(before: readonly Hit[], now: readonly Hit[]): readonly Hit[] {
  const kept = before.filter(({ component }) => !now.some((hit) => hit.component === component))
  return [...kept, ...now].filter(({ condition }) => condition !== 'operational')
}

/** Values that this command cannot set for this incident. */
function misplaced({ status, endedAt }: Wanted, incident: Incident, command: string, terminal: Terminal): readonly string[] {
  const say = speaker(terminal)
  const problems: string[] = []
  const after = status ?? (command === 'resolve' ? 'resolved' : incident.status)
  const over = after === 'resolved' || after === 'postmortem'
  if (endedAt !== undefined && !over)
    problems.push(say('--ended 는 끝난 장애에만 씁니다 (resolve).', '--ended is only for a resolved incident (resolve).'))
  if (command === 'resolve' && !over)
    problems.push(say('resolve 의 --status 는 resolved 또는 postmortem 입니다.', 'With resolve, --status is resolved or postmortem.'))
  if (command === 'resolve' && !isOpen(incident))
    problems.push(
      say(
        `${incident.incidentId} 는 이미 끝났습니다. 고치려면 correct 를 쓰십시오.`,
        `${incident.incidentId} is already resolved. To change an earlier statement, use correct.`,
      ),
    )
  return problems
}

async function bodyOf(command: string, reader: Reader, terminal: Terminal): Promise<Text | null> {
  if (command === 'resolve') return reader.both('body') ?? RESOLVED
  if (command === 'correct') return reader.both('body') ?? CORRECTED
  return readBody(reader, terminal, `npx bongsu incident ${command}`)
}

const idOf = ({ incidentId }: Incident): string => incidentId

function chosenIn(record: SqliteRecord, id: string | undefined, terminal: Terminal): Incident | string {
  return choose(foldIncidents(readSaid(record, 'incident').updates), idOf, id, isOpen, terminal)
}

/** `list`: open incidents, or all. */
export function listIncidents(record: SqliteRecord, { flags }: Parsed, terminal: Terminal): ExitCode {
  const say = speaker(terminal)
  const incidents = foldIncidents(readSaid(record, 'incident').updates).filter((incident) => flags['all'] === true || isOpen(incident))
  if (flags['json'] === true) {
    terminal.out(JSON.stringify(incidents, null, 2))
    return EXIT.done
  }
  if (incidents.length === 0)
    terminal.out(
      flags['all'] === true
        ? say('장애 기록이 없습니다.', 'There are no incidents in the record.')
        : say('진행 중인 장애가 없습니다.', 'No incident is open.'),
    )
  for (const { incidentId, status, impact, startedAt, endedAt, title, hits, share, updates } of incidents) {
    const began = formatTime(startedAt, terminal.timeZone)
    const span = endedAt === null ? say(`${began}부터`, `since ${began}`) : `${began} – ${formatTime(endedAt, terminal.timeZone)}`
    const hit = hits.map(({ component, condition }) => `${component}=${condition}`).join(' ')
    terminal.out(
      [
        incidentId,
        status,
        impact,
        span,
        hit,
        share === null ? '' : `${(share.value * 100).toFixed(1)}%`,
        say(`알림 ${updates.length}건`, updates.length === 1 ? '1 update' : `${updates.length} updates`),
        title[terminal.language],
      ]
        .filter(Boolean)
        .join(' · '),
    )
  }
  return EXIT.done
}
