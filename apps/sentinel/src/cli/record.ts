import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { exportRecord } from '../record/export.ts'
import { recordIsThere } from '../record/open-record.ts'
import { verifyRecord, type Recomputer } from '../record/verify.ts'
import { readTyped } from '../acts/typed.ts'
import type { Text } from '../vocabulary/incident.ts'
import { valuesOf, type Parsed } from './parse.ts'
import { refuse } from './speak.ts'
import { EXIT, speaker, type ExitCode, type Terminal } from './terminal.ts'

/** Most problems that are printed one by one. Further ones are counted. */
export const problemsShownMax = 1_000

export function verifyCommand(parsed: Parsed, directory: string, recomputers: readonly Recomputer[], terminal: Terminal): ExitCode {
  const say = speaker(terminal)
  const values = valuesOf(parsed)
  const problems: Text[] = []
  const known = new Map<number, string>()
  for (const value of values.getAll('known')) {
    const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(value) ?? []
    if (seq === undefined || hash === undefined)
      problems.push({ ko: `--known: "${value}" 는 번호:해시 가 아닙니다.`, en: `--known: "${value}" is not SEQ:HASH.` })
    else known.set(Number(seq), hash)
  }
  const file = values.get('file') ?? undefined
  if (file !== undefined && values.has('data'))
    problems.push({ ko: '--data 와 --file 은 함께 쓰지 않습니다.', en: '--data and --file cannot be used together.' })
  if (problems.length > 0) return refuse(terminal, problems)
  const missing = missingSubject(file, directory, terminal)
  if (missing !== null) {
    terminal.note(missing)
    return EXIT.failed
  }
  let shown = 0
  const verdict = verifyRecord(file ?? directory, {
    recomputers,
    known,
    onProblem: ({ sentence }) => {
      if (++shown <= problemsShownMax) terminal.out(sentence)
      if (shown === problemsShownMax) terminal.out(say('나머지는 세기만 합니다.', 'Further problems are only counted.'))
    },
    onProgress: (entries) => terminal.note(`… ${entries.toLocaleString('en')}`),
  })
  const { sound, problems: found, firstSeq, entries, fromSeq, headSeq, headHash, letGo, recomputed, notRecomputable } = verdict
  const count = (number: number): string => number.toLocaleString('en')
  terminal.out(
    sound
      ? say(`온전합니다: ${count(entries)}건 (${fromSeq}–${headSeq}).`, `Sound: ${count(entries)} entries (${fromSeq}–${headSeq}).`)
      : say(
          `온전하지 않습니다: 문제 ${count(found)}건${firstSeq === null ? '' : `, 처음은 ${firstSeq}번`}.`,
          `Broken: ${count(found)} problems${firstSeq === null ? '' : `, the first at entry ${firstSeq}`}.`,
        ),
  )
  terminal.out(
    say(`다시 계산한 수치: ${count(recomputed)}건.`, `Numbers computed again: of ${count(recomputed)} ${recomputed === 1 ? 'entry' : 'entries'}.`),
  )
  if (notRecomputable > 0)
    terminal.out(
      say(
        `다시 계산할 수 없는 수치: ${count(notRecomputable)}건. 근거를 내려놓았거나 내보낸 파일에 없습니다.`,
        `Not computed again: of ${count(notRecomputable)}, because their basis was dropped, or is not in this file.`,
      ),
    )
  if (letGo > 0) terminal.out(say(`본문을 내려놓은 항목: ${count(letGo)}건.`, `Bodies dropped: ${count(letGo)}.`))
  if (sound) terminal.out(say(`따로 적어 두십시오: ${headSeq}:${headHash}`, `Note this elsewhere: ${headSeq}:${headHash}`))
  return sound ? EXIT.done : EXIT.failed
}

function missingSubject(file: string | undefined, directory: string, terminal: Terminal): string | null {
  const say = speaker(terminal)
  if (file !== undefined)
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? null : say(`${file} 이 없습니다.`, `There is no file ${file}.`)
  return recordIsThere(directory) ? null : say(`${directory} 에 기록이 없습니다.`, `There is no record in ${directory}.`)
}

export async function exportCommand(parsed: Parsed, directory: string, terminal: Terminal): Promise<ExitCode> {
  const values = valuesOf(parsed)
  const typed = readTyped(values, terminal.timeZone, terminal.now())
  const { faults } = typed
  const [from, until] = [typed.time('from', 'past'), typed.time('to', 'past')]
  const out = values.get('out') ?? undefined
  if (from !== undefined && until !== undefined && until <= from)
    faults.push({ ko: '--to 는 --from 보다 뒤여야 합니다.', en: '--to must be later than --from.' })
  if (out !== undefined && statSync(out, { throwIfNoEntry: false }) !== undefined)
    faults.push({ ko: `${out} 이 이미 있습니다.`, en: `${out} already exists.` })
  if (faults.length > 0) return refuse(terminal, faults)
  const missing = missingSubject(undefined, directory, terminal)
  if (missing !== null) {
    terminal.note(missing)
    return EXIT.failed
  }
  const pieces = exportRecord(directory, {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  })
  if (out === undefined) for (const piece of pieces) await terminal.write(piece)
  else writeWhole(out, pieces)
  return EXIT.done
}

/** An unfinished file is removed, so that it does not look complete. */
function writeWhole(file: string, pieces: Iterable<string>): void {
  const handle = openSync(file, 'wx', 0o600)
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece)
      for (let from = 0; from < bytes.length;) from += writeSync(handle, bytes, from)
    }
    fsyncSync(handle)
  } catch (error) {
    rmSync(file)
    throw error
  } finally {
    closeSync(handle)
  }
}
