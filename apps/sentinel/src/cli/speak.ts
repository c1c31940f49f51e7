import { randomUUID } from 'node:crypto'
import type { Act } from '../acts/acts.ts'
import { CROWDED, idOf, isCurrent, type ActDesk, type Area, type Thing } from '../acts/desk.ts'
import { preview, speak, type Saying } from '../acts/speak.ts'
import type { IncidentUpdate, MaintenanceUpdate, Text } from '../vocabulary/incident.ts'
import { foldIncidents, foldMaintenances, TEXT_BOUNDS } from '../incident/updates.ts'
import { sentinelRuns } from '../record/lock.ts'
import { openRecord, recordIsThere } from '../record/open-record.ts'
import type { RecordBody } from '../record/record.ts'
import type { SqliteRecord } from '../record/sqlite-record.ts'
import { formatTime } from '../acts/typed.ts'
import { valuesOf, type Parsed } from './parse.ts'
import { EXIT, speaker, type ExitCode, type PublishNow, type Terminal } from './terminal.ts'

export interface Speech {
  readonly terminal: Terminal
  readonly publishNow: PublishNow
  readonly directory: string
}

const NO_BODY: Text = {
  ko: '본문이 없습니다: --body-ko, --body-en, 또는 표준 입력.',
  en: 'The body is missing: use --body-ko, --body-en, or standard input.',
}

export async function speakCommand(act: Act, parsed: Parsed, speech: Speech): Promise<ExitCode> {
  const { terminal, directory } = speech
  const { flags, id } = parsed
  const say = speaker(terminal)
  if (!recordIsThere(directory) && flags['new'] !== true) {
    terminal.note(
      say(
        `${directory} 에 기록이 없습니다. --data 로 폴더를 알려 주거나, 새 기록을 시작하려면 --new 를 붙이십시오.`,
        `There is no record in ${directory}. Give its folder with --data, or start a new record with --new.`,
      ),
    )
    return EXIT.failed
  }
  const record = openRecord(directory)
  try {
    const values = valuesOf(parsed)
    const name = values.get('by') ?? terminal.user
    const saying: Saying = {
      desk: recordDesk(record, () => terminal.now()),
      values,
      by: { kind: 'person', name },
      now: terminal.now(),
      timeZone: terminal.timeZone,
      id,
    }
    const asks = act.body === null && ['body-ko', 'body-en'].every((each) => (values.get(each) ?? '').trim() === '')
    if (asks) {
      // A text that could not be recorded anyway is not asked for.
      const trial = new URLSearchParams(values)
      trial.set('body-ko', '…')
      const dry = preview(act, { ...saying, values: trial })
      if ('faults' in dry) return refuse(terminal, dry.faults)
      const body = await readBody(terminal)
      if (body === null) return refuse(terminal, [NO_BODY])
      values.set('body-ko', body.ko)
      values.set('body-en', body.en)
    }
    const said = speak(act, saying)
    if ('faults' in said) {
      if (asks) terminal.note(`${say('쓰신 글은 다음과 같습니다:', 'Your text was:')}\n${values.get('body-ko')}\n---\n${values.get('body-en')}`)
      return refuse(terminal, said.faults)
    }
    const { update } = said
    terminal.out(
      `${say(`기록했습니다 (${record.head()}번)`, `Recorded as entry ${record.head()}`)}: ${idOf(update)} · ${update.status} · ${update.title[terminal.language]}`,
    )
  } finally {
    record.close()
  }
  return publish(speech, flags['publish'] === true)
}

/** Two longest texts of four bytes a character, and room for more. */
const inputBytesMax = 2 * TEXT_BOUNDS.bodyCodePointsMax * 4 + 4_096

/**
 * The text of a statement from standard input, typed or piped. A line of three hyphens separates the Korean and the English text. Without it the text
 * counts for both languages.
 *
 * @returns null when there is no text.
 */
async function readBody(terminal: Terminal): Promise<Text | null> {
  if (terminal.interactive)
    terminal.note(
      speaker(terminal)(
        '글을 쓰십시오: 한국어, 붙임표 셋(---)만 있는 줄, 영어. Ctrl-D 로 마칩니다. 비워 두면 아무것도 기록하지 않습니다.',
        'Type the text: Korean, a line of three hyphens (---), English. End with Ctrl-D. An empty text records nothing.',
      ),
    )
  const parts = (await terminal.readInput(inputBytesMax)).replaceAll('\r\n', '\n').split(/^---[ \t]*$/m)
  const [ko = '', en = ''] = [parts[0], parts.slice(1).join('---')].map((part) => part?.trim())
  return ko === '' && en === '' ? null : { ko: ko || en, en: en || ko }
}

/** How often a statement is derived again because someone else spoke in between. */
const triesMax = 10

/** Makes statements in the record itself, without a running sentinel. All or nothing; no two statements of one thing share a number. */
export function recordDesk(record: SqliteRecord, now: () => number): ActDesk {
  function things(area: Area): readonly Thing[] {
    const updates: unknown = Array.from(record.each({ kinds: [area] }), ({ body }) => body)
    return area === 'incident' ? foldIncidents(updates as readonly IncidentUpdate[]) : foldMaintenances(updates as readonly MaintenanceUpdate[])
  }

  return {
    things,
    say(area, derive) {
      for (let turn = 0; turn < triesMax; turn++) {
        const { seq, at: newest } = record.tip()
        const at = Math.max(now(), newest)
        const update = derive(things(area), at)
        if ('faults' in update) return update
        const body = { kind: area, body: update } as RecordBody
        if (record.appendUnless({ kinds: [area], seq }, [body], at) !== null) return { update }
      }
      return CROWDED
    },
    newId: randomUUID,
  }
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

export function refuse(terminal: Terminal, problems: readonly Text[]): ExitCode {
  terminal.note(speaker(terminal)('기록하지 않았습니다.', 'Nothing was recorded.'))
  for (const problem of problems) terminal.note(`- ${problem[terminal.language]}`)
  return EXIT.usage
}

/** `list`: what is going on, or all. */
export function listCommand(record: SqliteRecord, { area, flags }: Parsed, terminal: Terminal): ExitCode {
  const say = speaker(terminal)
  const desk = recordDesk(record, () => terminal.now())
  const all = desk.things(area === 'incident' ? 'incident' : 'maintenance')
  const shown = all.filter((one) => flags['all'] === true || isCurrent(one))
  if (flags['json'] === true) terminal.out(JSON.stringify(shown, null, 2))
  else {
    if (shown.length === 0) terminal.out(say('없습니다.', 'There is none.'))
    for (const one of shown) terminal.out(lineOf(one, terminal))
  }
  return EXIT.done
}

function lineOf(one: Thing, { timeZone, language }: Terminal): string {
  const say = speaker({ language })
  const time = (at: number): string => formatTime(at, timeZone)
  const title = one.title[language]
  if ('maintenanceId' in one)
    return [one.maintenanceId, one.status, `${time(one.scheduledFor)} – ${time(one.scheduledUntil)}`, one.components.join(' '), title].join(' · ')
  const { incidentId, status, impact, startedAt, endedAt, hits, share, updates } = one
  const parts = [
    incidentId,
    status,
    impact,
    endedAt === null ? say(`${time(startedAt)}부터`, `since ${time(startedAt)}`) : `${time(startedAt)} – ${time(endedAt)}`,
    hits.map(({ component, condition }) => `${component}=${condition}`).join(' '),
    share === null ? '' : `${(share.value * 100).toFixed(1)}%`,
    say(`알림 ${updates.length}건`, updates.length === 1 ? '1 update' : `${updates.length} updates`),
    title,
  ]
  return parts.filter(Boolean).join(' · ')
}
