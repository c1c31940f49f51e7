import { LIMITS, PATHS } from '@bongsu/protocol'
import type { FiguresSample, ReportsSample, SilentSlice } from '../vocabulary/observation.ts'
import { isText, isWhole, readObject, type Ask, type Asked } from './ask.ts'
import type { ProbeParts } from './ports.ts'

export const figuresEveryMs = 2_000
/** Longest time for one reading. */
export const figuresWithinMs = 2_000
const answerBytesMax = 65_536

/** Reads the server's counts of its users. */
export function createFiguresReader(options: Pick<ProbeParts, 'clock' | 'serverUrl' | 'key' | 'log'> & { readonly ask: Ask }) {
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
    /** Never rejects. */
    async read(): Promise<FiguresSample> {
      return sampleOf(await get(PATHS.figures.path), clock.now())
    },
    /** @returns null when the reports are not available now. */
    async readReports(from: number, to: number): Promise<ReportsSample | null> {
      const told = await get(`${PATHS.readReports.path}?from=${Math.round(from)}&to=${Math.round(to)}`)
      const counts = told === null ? null : readCounts(told, REPORT_COUNTS)
      return counts === null ? null : { at: clock.now(), from, to, ...counts }
    },
  }
}

const FIGURE_COUNTS = ['connectedUsers', 'failedUsers', 'signInsTried', 'signInsFailed', 'reconnects', 'accepted', 'refusedBusy'] as const
const REPORT_COUNTS = ['activeUsers', 'affectedUsers', 'signInUsers', 'connectionUsers', 'unsent'] as const

/** A sample without figures. */
function noFigures(at: number): FiguresSample {
  const counts = Object.fromEntries(FIGURE_COUNTS.map((name) => [name, 0])) as Readonly<Record<(typeof FIGURE_COUNTS)[number], number>>
  return { at, process: null, cell: '', ...counts, silent: [] }
}

/** An answer of another shape counts as no answer: figures are published, so nothing is guessed. */
function sampleOf(told: Readonly<Record<string, unknown>> | null, at: number): FiguresSample {
  if (told === null) return noFigures(at)
  const { process, cell } = told
  const counts = readCounts(told, FIGURE_COUNTS)
  const silent = readSilent(told['silent'])
  if (counts === null || silent === null || !isText(process, 1, 100) || !isText(cell, 0, 100)) return noFigures(at)
  return { at, process, cell, ...counts, silent, ...(isUnsafe(told['unsafe']) ? { unsafe: true } : {}) }
}

/** Any setting counts, also one that only a newer server knows. Anything but names says nothing, and takes nothing from the counts [O19]. */
function isUnsafe(told: unknown): boolean {
  return Array.isArray(told) && told.some((setting) => isText(setting, 1, 100))
}

/** @returns null unless the slices rise in age and each holds somebody. */
function readSilent(told: unknown): readonly SilentSlice[] | null {
  if (!Array.isArray(told) || told.length > LIMITS.silentSlicesMax) return null
  const { silentSliceMs, silentSlicesMax } = LIMITS
  const silent: SilentSlice[] = []
  for (const slice of told as readonly unknown[]) {
    const { agoMs, users } = (slice ?? {}) as Readonly<Record<string, unknown>>
    const youngestMs = (silent.at(-1)?.agoMs ?? -silentSliceMs) + silentSliceMs
    if (!isWhole(users, 1) || !isWhole(agoMs, youngestMs, (silentSlicesMax - 1) * silentSliceMs) || agoMs % silentSliceMs !== 0) return null
    silent.push({ agoMs, users })
  }
  return silent
}

function readCounts<K extends string>(told: Readonly<Record<string, unknown>>, names: readonly K[]): Readonly<Record<K, number>> | null {
  const counts = names.map((name) => [name, told[name]] as const)
  return counts.every(([, value]) => isWhole(value)) ? (Object.fromEntries(counts) as Record<K, number>) : null
}
