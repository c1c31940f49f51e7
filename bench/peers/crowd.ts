import { setTimeout as sleep } from 'node:timers/promises'
import { each } from '../device.ts'
import type { Mark, PeerPace } from '../jobs.ts'
import { watchLoopDelay } from '../loop-delay.ts'
import { ownCpuMicros } from '../processor-time.ts'
import { within } from '../within.ts'
import { PairLedger, partsOf } from './pair-ledger.ts'
import type { Wire } from './peer.ts'
import { CONNECT } from './connect-user.ts'
import type { User, UserListener } from './user.ts'

/** After the last send, everything must have arrived in this time. */
const SETTLE_MS = 20_000
const AT_ONCE = 32
/** A peer that has not let somebody in by then will not. */
const CONNECT_MS = 120_000

/** Users of a peer: pair n is user 2n, who sends, and user 2n + 1. The same load as Bongsu's own crowd puts on it. */
export interface PeerCrowd {
  connect(wire: Wire, port: number, pairs: number): Promise<void>
  /** Users from `first` on, each of whom joins rooms and then says nothing. */
  join(wire: Wire, port: number, first: number, rooms: readonly (readonly number[])[]): Promise<void>
  talk(pace: PeerPace, text: string): void
  mark(): Mark
  finish(): Promise<{ readonly faults: readonly string[]; readonly accepted: number; readonly received: number }>
}

export function createPeerCrowd(): PeerCrowd {
  const ledger = new PairLedger()
  const users: User[] = []
  const delay = watchLoopDelay()
  const sentAt = new Map<string, number>()
  let pairs = 0
  let deliveredMs: number[] = []
  let onAcknowledged: ((pair: number) => void) | null = null
  let stop = (): void => {}

  const listenerOf = (user: number): UserListener => ({
    acknowledged(id: string): void {
      ledger.acknowledged(id)
      onAcknowledged?.(partsOf(id)[0])
    },
    received(id: string): void {
      ledger.received(user, id)
      const at = sentAt.get(id)
      sentAt.delete(id)
      if (at !== undefined) deliveredMs.push(performance.now() - at)
    },
    wrong: (what: string): void => ledger.fault(what),
  })

  function say(pair: number, text: string): void {
    const id = ledger.nextId(pair)
    sentAt.set(id, performance.now())
    users[pair * 2]?.say(pair * 2 + 1, id, text)
  }

  return {
    async connect(wire, port, count) {
      pairs = count
      await each(count * 2, AT_ONCE, async (user) => {
        users[user] = await within(CONNECT_MS, `Signing in at ${wire}`, CONNECT[wire](port, user, listenerOf(user)))
      })
    },
    async join(wire, port, first, rooms) {
      const before = users.length
      await each(rooms.length, AT_ONCE, async (index) => {
        const user = await within(CONNECT_MS, `Signing in at ${wire}`, CONNECT[wire](port, first + index, listenerOf(first + index)))
        users[before + index] = user
        if (user.join === undefined) throw new Error(`There are no rooms with ${wire}.`)
        await within(CONNECT_MS, `Entering rooms at ${wire}`, user.join(rooms[index] ?? []))
      })
    },
    talk(pace, text) {
      if ('inFlight' in pace) {
        onAcknowledged = (pair) => say(pair, text)
        for (let pair = 0; pair < pairs; pair++) for (let count = 0; count < pace.inFlight; count++) say(pair, text)
        stop = () => (onAcknowledged = null)
        return
      }
      const startedAt = performance.now()
      let said = 0
      const timer = setInterval(() => {
        const due = Math.floor(((performance.now() - startedAt) / 1_000) * pace.perSecond)
        for (; said < due; said++) say(said % pairs, text)
      }, 1)
      stop = () => clearInterval(timer)
    },
    mark() {
      const taken = deliveredMs
      deliveredMs = []
      return {
        accepted: ledger.acknowledgedCount,
        received: ledger.receivedCount,
        deliveredMs: taken,
        ownDelayP99Ms: delay.takeP99Ms(),
        ownCpuMicros: ownCpuMicros(),
        told: 0,
      }
    },
    async finish() {
      stop()
      const until = performance.now() + SETTLE_MS
      while (!ledger.settled() && performance.now() < until) await sleep(50)
      await sleep(100)
      // They stay: of the anonymous, a peer forgets the archive when they leave. The process they are in ends them.
      return { faults: ledger.close(), accepted: ledger.acknowledgedCount, received: ledger.receivedCount }
    },
  }
}
