import { PATHS } from '@bongsu/protocol'
import type { Clock } from '../clock.ts'
import type { FiguresSample, ReportsSample } from '../record/observation.ts'
import { isText, isWhole, readObject, type Ask, type Asked } from './ask.ts'
import type { Log } from './ports.ts'

export const figuresEveryMs = 2_000
/** Longest time for one reading. */
export const figuresWithinMs = 2_000
const answerBytesMax = 65_536

/** Reads the server's counts of its users. */
export interface FiguresReader {
  /** Never rejects. */
  read(): Promise<FiguresSample>
  /** @returns null when the reports are not available now. */
  readReports(from: number, to: number): Promise<ReportsSample | null>
}

export function createFiguresReader(options: {
  readonly clock: Clock
  readonly serverUrl: string
  readonly key: () => string
  readonly ask: Ask
  readonly log: Log
}): FiguresReader {
  const { clock, ask } = options
  let refusedWith: number | null = null

  /** Logs each change of the refusal once: only the operator can correct a wrong key. */
  function noteRefusal(answer: Asked): void {
    const status = answer.kind === 'answer' && answer.status !== 200 && answer.status < 500 ? answer.status : null
    if (status !== null && status !== refusedWith) options.log('The server refuses its figures for this key.', { status })
    refusedWith = answer.kind === 'answer' ? status : refusedWith
  }

  async function get(path: string): Promise<Readonly<Record<string, unknown>> | null> {
    const headers = { authorization: `Bearer ${options.key()}` }
    const answer = await ask({ url: options.serverUrl + path, headers, timeoutMs: figuresWithinMs, bytesMax: answerBytesMax })
    noteRefusal(answer)
    return answer.kind === 'answer' && answer.status === 200 ? readObject(answer.text) : null
  }

  return {
    async read() {
      return sampleOf(await get(PATHS.figures.path), clock.now())
    },
    async readReports(from, to) {
      const told = await get(`${PATHS.readReports.path}?from=${Math.round(from)}&to=${Math.round(to)}`)
      const counts = told === null ? null : readCounts(told, REPORT_COUNTS)
      return counts === null ? null : { at: clock.now(), from, to, ...counts }
    },
  }
}

const FIGURE_COUNTS = ['activeUsers', 'affectedUsers', 'signInsTried', 'signInsFailed', 'reconnects', 'accepted', 'refusedBusy'] as const
const REPORT_COUNTS = ['activeUsers', 'affectedUsers', 'signInUsers', 'connectionUsers', 'unsent'] as const

const NOTHING = {
  process: null,
  cell: '',
  activeUsers: 0,
  affectedUsers: 0,
  signInsTried: 0,
  signInsFailed: 0,
  reconnects: 0,
  accepted: 0,
  refusedBusy: 0,
}

/** An answer of another shape counts as no answer: figures are published, so nothing is guessed. */
function sampleOf(told: Readonly<Record<string, unknown>> | null, at: number): FiguresSample {
  const counts = told === null ? null : readCounts(told, FIGURE_COUNTS)
  if (told === null || counts === null || counts.affectedUsers > counts.activeUsers) return { at, ...NOTHING }
  const { process, cell } = told
  if (!isText(process, 1, 100) || !isText(cell, 0, 100)) return { at, ...NOTHING }
  return { at, process, cell, ...counts }
}

function readCounts<K extends string>(told: Readonly<Record<string, unknown>>, names: readonly K[]): Readonly<Record<K, number>> | null {
  const counts = names.map((name) => [name, told[name]] as const)
  return counts.every(([, value]) => isWhole(value)) ? (Object.fromEntries(counts) as Record<K, number>) : null
}
