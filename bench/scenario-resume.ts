import type { AccountId } from '@bongsu/protocol'
import { addMessages, type Filled } from './fill.ts'
import { spreadOf } from './percentiles.ts'
import { expectSound, onStage, TEXT, withGenerator, type Options, type Scenario } from './scenario.ts'
import { groupsOf } from './scenario-idle.ts'
import type { Figure } from './report.ts'

const ROOMS = 20
const MEMBERS = 20
const AT_ONCE = 32
/** Devices that come and go before the counting begins: after so many the server's code is compiled, as it is on a server that runs for days. */
const WARM = { quick: 100, whole: 3_000 } as const

/** Devices come, get what they missed, and go. `perRoom`: messages each missed in each of its conversations. */
async function resumes(options: Options, devices: number, perRoom: number): Promise<readonly Figure[]> {
  const warming = options.quick ? WARM.quick : WARM.whole
  const accounts = devices + warming
  const missed = perRoom * ROOMS
  const miss = async (directory: string, filled: Filled): Promise<void> => {
    if (perRoom > 0) await addMessages(directory, authors(filled), perRoom, TEXT)
  }
  const body = { accounts, groups: groupsOf(accounts, ROOMS, MEMBERS) }
  return onStage(
    options,
    body,
    ({ filled, server, target }) =>
      withGenerator(async (generator) => {
        options.progress(`resuming with ${missed} missed`)
        const warm = await generator.ask({ t: 'resume', target, devices: filled.devices.slice(0, warming), atOnce: AT_ONCE, missed }, 'resumed')
        expectSound('resume', warm.faults)
        const before = await server.read()
        const { tookMs, faults } = await generator.ask(
          { t: 'resume', target, devices: filled.devices.slice(warming), atOnce: AT_ONCE, missed },
          'resumed',
        )
        const after = await server.read()
        expectSound('resume', faults)
        const spread = spreadOf(tookMs)
        const goal = missed === 0 ? { goal: { atMost: 250 } } : {}
        return [
          { name: `server CPU per resume, ${missed} missed`, value: (after.cpuMicros - before.cpuMicros) / tookMs.length, unit: 'µs', ...goal },
          { name: `connect to caught up p50, ${missed} missed, ${AT_ONCE} at once`, value: spread.p50, unit: 'ms' },
        ]
      }),
    miss,
  )
}

/** For each conversation one who is in it. */
function authors({ accounts, devices }: Filled): Map<string, AccountId> {
  const found = new Map<string, AccountId>()
  for (const [place, { cursors }] of devices.entries()) {
    const account = accounts[place]
    if (account !== undefined) for (const [conversationId] of cursors) found.set(conversationId, account)
  }
  return found
}

export const resume: Scenario = async (options) => {
  const devices = options.quick ? 300 : 3_600
  const nothing = await resumes(options, devices, 0)
  const some = await resumes(options, options.quick ? 300 : 1_600, 5)
  return {
    scenario: 'resume',
    about: `A device in ${ROOMS} groups comes back: TCP, WebSocket handshake, hello with its token and cursors, what it missed, caught-up, and it closes again. All of that is counted.`,
    figures: [...nothing, ...some],
  }
}
