import { randomUUID } from 'node:crypto'
import type { Maintenance, MaintenanceUpdate, Text } from '../incident/incident.ts'
import { faultsInMaintenance, foldMaintenances, nextMaintenance, planMaintenance, type MaintenanceChange } from '../incident/updates.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { readBody } from './body-text.ts'
import type { Parsed } from './parse.ts'
import { authorOf, choose, openToSpeak, publish, readSaid, refuse, sayOnce, type Derived, type Speech } from './speak.ts'
import { EXIT, speaker, type ExitCode, type Terminal } from './terminal.ts'
import { formatTime } from './times.ts'
import { readFlags, type Reader } from './values.ts'

const STARTED: Text = { ko: '예고한 작업을 시작합니다.', en: 'The announced maintenance has started.' }
const COMPLETED: Text = { ko: '예고한 작업을 마쳤습니다.', en: 'The announced maintenance is completed.' }

/** `schedule`, `update`, `start` and `complete`. */
export async function speakOfMaintenance({ command, id, flags }: Parsed, speech: Speech): Promise<ExitCode> {
  const { terminal } = speech
  const say = speaker(terminal)
  const reader = readFlags(flags, terminal)
  const wanted = readWanted(reader, command, terminal)
  const record = openToSpeak(speech, reader)
  if (record === null) return EXIT.failed
  try {
    if (command !== 'schedule') {
      const chosen = choose(foldMaintenances(readSaid(record, 'maintenance').updates), idOf, id, isCurrent, terminal)
      if (typeof chosen === 'string') reader.problems.push(chosen)
      else reader.problems.push(...misplaced(chosen, command, terminal))
    }
    if (reader.problems.length > 0) return refuse(terminal, reader.problems)
    const body = await bodyOf(command, reader, terminal)
    if (body === null)
      return refuse(terminal, [
        say('본문이 없습니다: --body-ko, --body-en, 또는 표준 입력.', 'The body is missing: use --body-ko, --body-en, or standard input.'),
      ])
    const author = authorOf(reader, terminal)
    const newId = randomUUID()
    const notify = !reader.flag('quiet')
    const derive = (at: number): Derived<MaintenanceUpdate> & { seq: number } => {
      const { seq, updates } = readSaid(record, 'maintenance')
      const chosen = command === 'schedule' ? null : choose(foldMaintenances(updates), idOf, id, isCurrent, terminal)
      if (typeof chosen === 'string') return { seq, problems: [chosen] }
      const update =
        chosen === null
          ? plan(wanted, newId, body, author, at, notify)
          : nextMaintenance(chosen, { ...wanted, ...statusOf(command), body, notify }, author, at)
      const faults = faultsInMaintenance(update)
      return faults.length > 0 ? { seq, problems: faults } : { seq, body: update }
    }
    const said = sayOnce(record, 'maintenance', derive, (update) => ({ kind: 'maintenance', body: update }), terminal.now())
    if ('problems' in said) return refuse(terminal, said.problems)
    const update = said.entry.body as MaintenanceUpdate
    terminal.out(
      say(
        `기록했습니다 (${said.entry.seq}번): ${update.maintenanceId} · ${update.status} · ${update.title.ko}`,
        `Recorded as entry ${said.entry.seq}: ${update.maintenanceId} · ${update.status} · ${update.title.en}`,
      ),
    )
  } finally {
    record.close()
  }
  return publish(speech, reader.flag('publish'))
}

type Wanted = Pick<MaintenanceChange, 'title' | 'components' | 'scheduledFor' | 'scheduledUntil'>

function readWanted(reader: Reader, command: string, terminal: Terminal): Wanted {
  const say = speaker(terminal)
  const components = reader.components()
  const scheduledFor = reader.time('from', 'future')
  const values = {
    title: reader.both('title'),
    components: components.length === 0 ? undefined : components,
    scheduledFor,
    scheduledUntil: reader.time('until', 'future'),
  }
  if (command === 'schedule') {
    if (values.title === undefined)
      reader.problems.push(say('제목이 없습니다: --title-ko (그리고 --title-en).', 'The title is missing: use --title-ko (and --title-en).'))
    for (const name of ['from', 'until'])
      if (reader.text(name) === undefined)
        reader.problems.push(say(`시각이 없습니다: --${name} "2026-11-23 04:00".`, `A time is missing: use --${name} "2026-11-23 04:00".`))
    if (components.length === 0 && reader.problems.every((problem) => !problem.startsWith('--component')))
      reader.problems.push(say('무엇을 손보는지 없습니다: --component messaging.', 'The component is missing: use --component messaging.'))
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Wanted
}

function plan(wanted: Wanted, maintenanceId: string, body: Text, by: MaintenanceUpdate['by'], at: number, notify: boolean): MaintenanceUpdate {
  const { title = { ko: '', en: '' }, components = [], scheduledFor = at, scheduledUntil = at } = wanted
  return { ...planMaintenance({ maintenanceId, title, body, components, scheduledFor, scheduledUntil }, by, at), notify }
}

function statusOf(command: string): Pick<MaintenanceChange, 'status'> {
  if (command === 'start') return { status: 'in_progress' }
  return command === 'complete' ? { status: 'completed' } : {}
}

async function bodyOf(command: string, reader: Reader, terminal: Terminal): Promise<Text | null> {
  if (command === 'start') return reader.both('body') ?? STARTED
  if (command === 'complete') return reader.both('body') ?? COMPLETED
  return readBody(reader, terminal, `npx bongsu maintenance ${command}`)
}

function misplaced({ maintenanceId, status }: Maintenance, command: string, terminal: Terminal): readonly string[] {
  const say = speaker(terminal)
  if (status === 'completed') return [say(`${maintenanceId} 는 이미 끝났습니다.`, `${maintenanceId} is already completed.`)]
  if (command === 'start' && status !== 'scheduled') return [say(`${maintenanceId} 는 이미 시작했습니다.`, `${maintenanceId} has already started.`)]
  return []
}

const idOf = ({ maintenanceId }: Maintenance): string => maintenanceId
const isCurrent = ({ status }: Maintenance): boolean => status !== 'completed'

/** `list`: maintenance that is not completed, or all. */
export function listMaintenances(record: SqliteRecord, { flags }: Parsed, terminal: Terminal): ExitCode {
  const say = speaker(terminal)
  const all = foldMaintenances(readSaid(record, 'maintenance').updates).filter((one) => flags['all'] === true || isCurrent(one))
  if (flags['json'] === true) {
    terminal.out(JSON.stringify(all, null, 2))
    return EXIT.done
  }
  if (all.length === 0) terminal.out(say('예고된 작업이 없습니다.', 'No maintenance is planned.'))
  for (const { maintenanceId, status, scheduledFor, scheduledUntil, components, title } of all) {
    const span = `${formatTime(scheduledFor, terminal.timeZone)} – ${formatTime(scheduledUntil, terminal.timeZone)}`
    terminal.out([maintenanceId, status, span, components.join(' '), title[terminal.language]].join(' · '))
  }
  return EXIT.done
}
