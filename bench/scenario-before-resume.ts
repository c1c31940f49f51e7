import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { hasOlderProgram, OLDER, unpackOlderProgram } from '../tools/older-program.ts'
import { addMessages, fill } from './fill.ts'
import type { Generator } from './generator-process.ts'
import type { DevicePlan } from './jobs.ts'
import { startMeasured, type MeasuredProcess } from './measured-process.ts'
import { Impossible, removeFolder, temporaryFolder } from './processes.ts'
import type { Figure, ScenarioResult } from './report.ts'
import { medianOf } from './scenario-before.ts'
import { groupsOf } from './scenario-idle.ts'
import { speakers } from './scenario-storm.ts'
import { expectSound, onData, TEXT, withGenerator, type Options, type Scenario, type Stage } from './scenario.ts'

const ROOMS = 20
const MEMBERS = 20
/** Missed in as many rooms, one message in each. */
const MISSED = 5
const AT_ONCE = 32
/** Each program is measured so often, in turn, so that what else the machine does falls on both. */
const ROUNDS = { quick: 3, whole: 9 } as const
/** Devices of a round. */
const DEVICES = { quick: 200, whole: 800 } as const

interface Plans {
  readonly nothing: readonly DevicePlan[]
  readonly some: readonly DevicePlan[]
}

/** What a device that comes back costs now, against an older program and a bare connection, in one run. */
export const beforeResume: Scenario = async (options) => {
  const commit = options.than ?? OLDER
  if (!hasOlderProgram(commit)) throw new Impossible(`This clone does not have the older program ${commit}: git fetch --unshallow`)
  const older = unpackOlderProgram(commit)
  const directory = temporaryFolder()
  try {
    const [one, other] = [join(directory, 'older'), join(directory, 'newer')]
    const accounts = options.quick ? DEVICES.quick : DEVICES.whole
    options.progress(`writing ${accounts} accounts`)
    const groups = groupsOf(accounts, ROOMS, MEMBERS)
    const filled = await fill(one, { accounts, groups })
    const spoken = new Map(
      speakers(groups, filled.devices).flatMap(({ device, conversationId }) => {
        const author = filled.accounts[device]
        return author === undefined ? [] : [[conversationId, author] as const]
      }),
    )
    await addMessages(one, spoken, 1, TEXT)
    cpSync(one, other, { recursive: true })
    const nothing = filled.devices.map((device): DevicePlan => ({
      ...device,
      cursors: device.cursors.map(([room, seq]) => [room, spoken.has(room) ? seq + 1 : seq] as const),
    }))
    return await onData({ ...options, program: older.folder, profile: null }, one, filled, (before) =>
      onData(options, other, filled, (now) => compare(options, commit, { before, now }, { nothing, some: filled.devices })),
    )
  } finally {
    removeFolder(directory)
    older.remove()
  }
}

async function compare(
  options: Options,
  commit: string,
  { before, now }: { readonly before: Stage; readonly now: Stage },
  plans: Plans,
): Promise<ScenarioResult> {
  const bare = await startMeasured({ args: ['bench/echo-server.ts'], profile: null, port: /localhost:(\d+)/ })
  const rounds = options.quick ? ROUNDS.quick : ROUNDS.whole
  const cost = {
    bare: [] as number[],
    nothing: { before: [] as number[], now: [] as number[] },
    some: { before: [] as number[], now: [] as number[] },
  }
  try {
    await withGenerator(async (generator) => {
      const url = `ws://127.0.0.1:${bare.port}`
      // The first round warms the programs up, and is not counted.
      for (let round = 0; round <= rounds; round++) {
        options.progress(round === 0 ? 'warming up' : `round ${round}`)
        const looked = {
          bare: await costOf(bare, plans.nothing.length, () =>
            generator.ask({ t: 'churn', url, connections: plans.nothing.length, atOnce: AT_ONCE }, 'resumed'),
          ),
          nothing: {
            before: await resumeCost(generator, before, plans.nothing, 0),
            now: await resumeCost(generator, now, plans.nothing, 0),
          },
          some: {
            before: await resumeCost(generator, before, plans.some, MISSED),
            now: await resumeCost(generator, now, plans.some, MISSED),
          },
        }
        if (round === 0) continue
        cost.bare.push(looked.bare)
        for (const kind of ['nothing', 'some'] as const) for (const which of ['before', 'now'] as const) cost[kind][which].push(looked[kind][which])
      }
    })
  } finally {
    await bare.stop()
  }
  return {
    scenario: 'before-resume',
    about:
      `A device in ${ROOMS} groups comes back as in \`resume\`, to this program and to the one of commit ${commit.slice(0, 7)} in turn, ${rounds} times ${plans.nothing.length} devices each. ` +
      `Some: ${MISSED} messages missed in as many rooms. A bare connection is that of \`echo\`.`,
    figures: [
      ...figuresOf('nothing new', cost.nothing, cost.bare),
      ...figuresOf(`${MISSED} missed`, cost.some, cost.bare),
      { name: 'server CPU of a bare connection, median', value: medianOf(cost.bare), unit: 'µs' },
    ],
  }
}

function figuresOf(
  what: string,
  { before, now }: { readonly before: readonly number[]; readonly now: readonly number[] },
  bare: readonly number[],
): Figure[] {
  const ratios = now.map((micros, round) => micros / (before[round] ?? Number.NaN))
  return [
    { name: `CPU of a resume, ${what}, this version : the older one, median`, value: medianOf(ratios), unit: ': 1' },
    { name: `lowest of the rounds, ${what}`, value: Math.min(...ratios), unit: ': 1' },
    { name: `highest of the rounds, ${what}`, value: Math.max(...ratios), unit: ': 1' },
    { name: `server CPU per resume, ${what}, the older one, median`, value: medianOf(before), unit: 'µs' },
    { name: `server CPU per resume, ${what}, this version, median`, value: medianOf(now), unit: 'µs' },
    {
      name: `CPU of a resume, ${what} : a bare connection, median`,
      value: medianOf(now.map((micros, round) => micros / (bare[round] ?? Number.NaN))),
      unit: ': 1',
    },
  ]
}

async function resumeCost(generator: Generator, { server, target }: Stage, devices: readonly DevicePlan[], missed: number): Promise<number> {
  return costOf(server, devices.length, async () => {
    const { faults } = await generator.ask({ t: 'resume', target, devices, atOnce: AT_ONCE, missed }, 'resumed')
    expectSound('before-resume', faults)
  })
}

/** @returns processor time of all threads of a server for each of `count`, in µs. */
async function costOf(server: MeasuredProcess, count: number, work: () => Promise<unknown>): Promise<number> {
  const from = await server.read()
  await work()
  return ((await server.read()).cpuMicros - from.cpuMicros) / count
}
