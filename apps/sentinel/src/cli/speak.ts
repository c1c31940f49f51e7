import type { Author, IncidentUpdate, MaintenanceUpdate } from '../incident/incident.ts'
import { sentinelRuns } from '../record/lock.ts'
import { openRecord, recordIsThere } from '../record/open-record.ts'
import type { RecordBody, RecordEntry, RecordKind } from '../record/record.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { EXIT, speaker, type ExitCode, type PublishNow, type Terminal } from './terminal.ts'
import type { Reader } from './values.ts'

/** How often a statement is derived again because someone else spoke in between. */
const triesMax = 10

export interface Speech {
  readonly terminal: Terminal
  readonly publishNow: PublishNow
  readonly directory: string
}

/** The statement, or why it cannot be made. */
export type Derived<Body> = { readonly body: Body } | { readonly problems: readonly string[] }

/** Opens the record for writing. @returns null when there is none; the error has been printed then. */
export function openToSpeak({ terminal, directory }: Speech, reader: Reader): SqliteRecord | null {
  const say = speaker(terminal)
  if (!recordIsThere(directory) && !reader.flag('new')) {
    terminal.note(
      say(
        `${directory} 에 기록이 없습니다. --data 로 폴더를 알려 주거나, 새 기록을 시작하려면 --new 를 붙이십시오.`,
        `There is no record in ${directory}. Give its folder with --data, or start a new record with --new.`,
      ),
    )
    return null
  }
  return openRecord(directory)
}

export function authorOf(reader: Reader, terminal: Terminal): Author {
  return { kind: 'person', name: reader.text('by') ?? terminal.user }
}

interface Said {
  readonly incident: IncidentUpdate
  readonly maintenance: MaintenanceUpdate
}

/** All statements of a kind, oldest first, and the place up to which they were read. */
export function readSaid<K extends keyof Said>(record: SqliteRecord, kind: K): { readonly seq: number; readonly updates: readonly Said[K][] } {
  const seq = record.head()
  return { seq, updates: Array.from(record.each({ kinds: [kind] }), ({ body }) => body as Said[K]) }
}

/**
 * Derives a statement from the earlier ones and appends it. Derives it again when someone else spoke in between, so that no two updates share a
 * number and nothing rests on outdated statements. All or nothing.
 */
export function sayOnce<Body>(
  record: SqliteRecord,
  kind: RecordKind,
  derive: (at: number) => Derived<Body> & { readonly seq: number },
  bodyOf: (body: Body) => RecordBody,
  now: number,
): { readonly entry: RecordEntry } | { readonly problems: readonly string[] } {
  for (let turn = 0; turn < triesMax; turn++) {
    const at = Math.max(now, record.tip().at)
    const derived = derive(at)
    if ('problems' in derived) return derived
    const [entry] = record.appendUnless({ kinds: [kind], seq: derived.seq }, [bodyOf(derived.body)], at) ?? []
    if (entry !== undefined) return { entry }
  }
  return { problems: ['Others publish updates so often that this one could not be published. Try again.'] }
}

/** The statement is in the record and must now become visible. A running sentinel publishes it by itself. Without one, the pages are made here. */
export async function publish({ terminal, publishNow, directory }: Speech, force: boolean): Promise<ExitCode> {
  const say = speaker(terminal)
  if (!force && sentinelRuns(directory)) {
    terminal.out(
      say(
        '봉수대지기가 돌고 있어 몇 초 안에 게시합니다. 페이지에 보이지 않으면 --publish 를 붙이십시오.',
        'The sentinel is running and publishes it within seconds. Use --publish if the page does not show it.',
      ),
    )
    return EXIT.done
  }
  try {
    const { places, problems } = await publishNow(directory)
    for (const place of places) terminal.out(say(`게시했습니다: ${place}`, `Published: ${place}`))
    for (const problem of problems) terminal.note(say(`게시하지 못했습니다: ${problem}`, `Not published: ${problem}`))
    return problems.length === 0 ? EXIT.done : EXIT.unpublished
  } catch (error) {
    // The statement itself is safe. A failure to render must not look like its loss.
    terminal.note(
      say(`기록에는 남았으나 게시하지 못했습니다: ${String(error)}`, `The statement is recorded, but could not be published: ${String(error)}`),
    )
    return EXIT.unpublished
  }
}

/** Lists all problems. */
export function refuse(terminal: Terminal, problems: readonly string[]): ExitCode {
  const say = speaker(terminal)
  terminal.note(say('기록하지 않았습니다.', 'Nothing was recorded.'))
  for (const problem of problems) terminal.note(`- ${problem}`)
  return EXIT.usage
}

/** Finds the item named by an id or by the start of one. Without an id, the only candidate. */
export function choose<T>(
  candidates: readonly T[],
  idOf: (one: T) => string,
  id: string | undefined,
  isCurrent: (one: T) => boolean,
  terminal: Terminal,
): T | string {
  const say = speaker(terminal)
  const names = (all: readonly T[]): string => all.map(idOf).join(', ')
  if (id === undefined) {
    const current = candidates.filter(isCurrent)
    if (current.length === 1) return current[0] as T
    return current.length === 0
      ? say('진행 중인 것이 없습니다. list --all 에 있는 ID 를 적으십시오.', 'None is open. Give an id as shown by list --all.')
      : say(`진행 중인 것이 여럿입니다. ID 를 적으십시오: ${names(current)}`, `Several are open. Give one of these ids: ${names(current)}`)
  }
  const found = candidates.filter((one) => idOf(one) === id)
  const begun = found.length > 0 ? found : candidates.filter((one) => idOf(one).startsWith(id))
  if (begun.length === 1) return begun[0] as T
  return begun.length === 0
    ? say(`"${id}" 는 없습니다.`, `There is no "${id}".`)
    : say(`"${id}" 로 시작하는 것이 여럿입니다: ${names(begun)}`, `Several ids start with "${id}": ${names(begun)}`)
}
