import { hasOlderProgram, OLDER, unpackOlderProgram } from '../tools/older-program.ts'
import { Impossible } from './processes.ts'
import { disturbance, type Options, type Scenario, type Stretch } from './scenario.ts'
import { pairsTalk } from './scenario-talk.ts'

/** Each program is measured so often, in turn, so that what else the machine does falls on both. */
const ROUNDS = 5
const MS = { quick: { warm: 800, measure: 2_000 }, whole: { warm: 3_000, measure: 8_000 } }

/** What a text costs now, against the program one version older, in one run. */
export const before: Scenario = async (options) => {
  const commit = options.than ?? OLDER
  if (!hasOlderProgram(commit)) throw new Impossible(`This clone does not have the older program ${commit}: git fetch --unshallow`)
  const { folder, remove } = unpackOlderProgram(commit)
  const ratios: number[] = []
  const now: number[] = []
  let last: Stretch | null = null
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const older = await cpuOf({ ...options, program: folder })
      const newer = await cpuOf(options)
      ratios.push(newer.micros / older.micros)
      now.push(newer.micros)
      last = newer.stretch
    }
  } finally {
    remove()
  }
  return {
    scenario: 'before',
    about: `Pairs who talk as in \`direct\`, with this program and with the one before it (commit ${commit.slice(0, 7)}) in turn, ${ROUNDS} times each.`,
    figures: [
      { name: 'CPU of a durable text, this version : the one before, median', value: medianOf(ratios), unit: ': 1', goal: { atMost: 1.03 } },
      { name: 'lowest of the rounds', value: Math.min(...ratios), unit: ': 1' },
      { name: 'highest of the rounds', value: Math.max(...ratios), unit: ': 1' },
      { name: 'server CPU per message, this version, median', value: medianOf(now), unit: 'µs' },
      ...(last === null ? [] : [disturbance(last)]),
    ],
  }
}

async function cpuOf(options: Options): Promise<{ readonly micros: number; readonly stretch: Stretch }> {
  const stretch = await pairsTalk('before', options, 100, { inFlight: 4 }, options.quick ? MS.quick : MS.whole)
  return { micros: stretch.cpuMicros / stretch.accepted, stretch }
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
