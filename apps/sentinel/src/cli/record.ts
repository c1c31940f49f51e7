import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { exportRecord } from '../record/export-record.ts'
import { recordIsThere } from '../record/open-record.ts'
import type { Recomputer } from '../record/recompute.ts'
import { verifyRecord } from '../record/verify.ts'
import type { Parsed } from './parse.ts'
import { refuse } from './speak.ts'
import { EXIT, speaker, type ExitCode, type Terminal } from './terminal.ts'
import { readFlags } from './values.ts'

/** Most problems that are printed one by one. Further ones are counted. */
export const problemsShownMax = 1_000

/** `record verify`. */
export function verifyCommand({ flags }: Parsed, directory: string, recomputers: readonly Recomputer[], terminal: Terminal): ExitCode {
  const say = speaker(terminal)
  const reader = readFlags(flags, terminal)
  const known = new Map<number, string>()
  for (const value of (flags['known'] as readonly string[] | undefined) ?? []) {
    const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(value) ?? []
    if (seq === undefined || hash === undefined)
      reader.problems.push(say(`--known: "${value}" 는 번호:해시 가 아닙니다.`, `--known: "${value}" is not SEQ:HASH.`))
    else known.set(Number(seq), hash)
  }
  const file = reader.text('file')
  if (file !== undefined && reader.text('data') !== undefined)
    reader.problems.push(say('--data 와 --file 은 함께 쓰지 않습니다.', '--data and --file cannot be used together.'))
  if (reader.problems.length > 0) return refuse(terminal, reader.problems)
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
  const { sound, problems, firstSeq, entries, fromSeq, headSeq, headHash, letGo, recomputed, notRecomputable } = verdict
  const count = (number: number): string => number.toLocaleString('en')
  terminal.out(
    sound
      ? say(`온전합니다: ${count(entries)}건 (${fromSeq}–${headSeq}).`, `Sound: ${count(entries)} entries (${fromSeq}–${headSeq}).`)
      : say(
          `온전하지 않습니다: 문제 ${count(problems)}건${firstSeq === null ? '' : `, 처음은 ${firstSeq}번`}.`,
          `Broken: ${count(problems)} problems${firstSeq === null ? '' : `, the first at entry ${firstSeq}`}.`,
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

/** `record export`. */
export async function exportCommand({ flags }: Parsed, directory: string, terminal: Terminal): Promise<ExitCode> {
  const say = speaker(terminal)
  const reader = readFlags(flags, terminal)
  const [from, until] = [reader.time('from', 'past'), reader.time('to', 'past')]
  const form = reader.text('format') ?? 'lines'
  const out = reader.text('out')
  if (form !== 'lines' && form !== 'document')
    reader.problems.push(say('--format 은 lines 또는 document 입니다.', '--format must be lines or document.'))
  if (from !== undefined && until !== undefined && until <= from)
    reader.problems.push(say('--to 는 --from 보다 뒤여야 합니다.', '--to must be later than --from.'))
  if (out !== undefined && statSync(out, { throwIfNoEntry: false }) !== undefined)
    reader.problems.push(say(`${out} 이 이미 있습니다.`, `${out} already exists.`))
  if (reader.problems.length > 0) return refuse(terminal, reader.problems)
  const missing = missingSubject(undefined, directory, terminal)
  if (missing !== null) {
    terminal.note(missing)
    return EXIT.failed
  }
  const pieces = exportRecord(directory, {
    form: form === 'document' ? 'document' : 'lines',
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
