import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { UpFrame } from '@bongsu/protocol/schemas'
import { setTimeout as sleep } from 'node:timers/promises'
import { CAUGHT_UP_MS, connectDevice, each, type Device } from './device.ts'
import type { DevicePlan, Mark, Pace, Talker, Target } from './jobs.ts'
import { Ledger } from './ledger.ts'
import { watchLoopDelay } from './loop-delay.ts'
import { createOpenLoop, waitOf, type OpenLoop } from './open-loop.ts'
import { ownCpuMicros } from './processor-time.ts'
import { within } from './within.ts'

/** After the last send, everything must have arrived in this time. */
const SETTLE_MS = 20_000

/** Devices that stay connected, and what they say to each other. */
export interface Crowd {
  connect(target: Target, plans: readonly DevicePlan[], atOnce: number): Promise<void>
  talk(talkers: readonly Talker[], pace: Pace, text: string): void
  /** Nobody says anything more; resolves when all that is under way is accepted. */
  hush(): Promise<void>
  mark(): Mark
  /** `givenUp`: wanted in an open loop and never tried. */
  finish(): Promise<{ faults: readonly string[]; accepted: number; received: number; givenUp: number }>
}

export function createCrowd(): Crowd {
  const ledger = new Ledger()
  const devices: Device[] = []
  const wrong: string[] = []
  const delay = watchLoopDelay()
  /** When each entry was sent that has not reached another device yet, and which device sent it. */
  const underWay = new Map<string, { readonly sentAt: number; readonly sender: number }>()
  /** What to do when a send is accepted: in a closed loop, send the next. */
  let onAccepted: ((id: string) => void) | null = null
  let deliveredMs: number[] = []
  let stop = (): void => {}
  let openLoop: OpenLoop<Talker> | null = null
  /** Who says the next thing when a message is accepted; those of an earlier call go on beside the later ones. */
  const talkerOf = new Map<string, Talker>()
  let told = 0
  /** Frames that are not answered yet, for those that are told to come back. */
  const open = new Map<string, { readonly device: number; readonly frame: UpFrame }>()

  function connectOne(target: Target, plan: DevicePlan, place: number): Device {
    for (const [room, seq] of plan.cursors) ledger.expect(place, room, seq)
    return connectDevice(target, plan, {
      accepted(frame) {
        open.delete(frame.id)
        ledger.accepted(frame.conversationId, frame.id, frame.seq)
        onAccepted?.(frame.id)
      },
      entries(frame) {
        for (const entry of frame.entries) {
          ledger.received(place, frame.conversationId, entry.seq, entry.id)
          const sending = underWay.get(entry.id)
          // To the sender's own device an entry comes too, and tells nothing about delivery.
          if (sending === undefined || sending.sender === place) continue
          underWay.delete(entry.id)
          deliveredMs.push(performance.now() - sending.sentAt)
        }
      },
      told(id, retryAfterMs) {
        told++
        if (openLoop !== null) return openLoop.told(id, retryAfterMs)
        // As the outbox does: the same id again, after the time asked for and up to as much again.
        setTimeout(() => again(id), waitOf(retryAfterMs, Math.random()))
      },
      wrong: (what) => void (wrong.length < 20 && wrong.push(what)),
    })
  }

  function say({ device, conversationId }: Talker, text: string, sentAt = performance.now()): string {
    const id = nextId()
    ledger.sent(device, conversationId, id)
    underWay.set(id, { sentAt, sender: device })
    const body = { kind: 'text', text } as const
    const frame = { t: 'send', id: id as ClientMessageId, conversationId: conversationId as ConversationId, body } as const
    open.set(id, { device, frame })
    devices[device]?.send(frame)
    return id
  }

  /** What counts is the time from the try that was accepted: before it the device was told to wait. */
  function again(id: string): void {
    const one = open.get(id)
    if (one === undefined) return
    underWay.set(id, { sentAt: performance.now(), sender: one.device })
    devices[one.device]?.send(one.frame)
  }

  /** As many as `inFlight` of each talker are under way at a time: as fast as the server answers. */
  function closedLoop(talkers: readonly Talker[], inFlight: number, text: string): void {
    const next = (talker: Talker): void => void talkerOf.set(say(talker, text), talker)
    onAccepted = (id) => {
      const talker = talkerOf.get(id)
      talkerOf.delete(id)
      if (talker !== undefined) next(talker)
    }
    for (const talker of talkers) for (let count = 0; count < inFlight; count++) next(talker)
    stop = () => (onAccepted = null)
  }

  /**
   * So many a second whatever the server does, each by the next talker. As the client does, each has one message under way and the next waits
   * for it; its time counts from when it was due, so that a server that is slow does not look quick for being asked less.
   */
  function evenly(talkers: readonly Talker[], perSecond: number, text: string): void {
    const startedAt = performance.now()
    const waiting = new Map(talkers.map((talker) => [talker, [] as number[]]))
    const busy = new Set<Talker>()
    const next = (talker: Talker): void => {
      const dueAt = waiting.get(talker)?.shift()
      if (dueAt === undefined) return
      busy.add(talker)
      talkerOf.set(say(talker, text, dueAt), talker)
    }
    onAccepted = (id) => {
      const talker = talkerOf.get(id)
      talkerOf.delete(id)
      if (talker === undefined) return
      busy.delete(talker)
      next(talker)
    }
    let said = 0
    const timer = setInterval(() => {
      const now = performance.now()
      const due = Math.floor(((now - startedAt) / 1_000) * perSecond)
      for (; said < due; said++) {
        const talker = talkers[said % talkers.length]
        if (talker === undefined) continue
        waiting.get(talker)?.push(now)
        if (!busy.has(talker)) next(talker)
      }
    }, 1)
    stop = () => {
      clearInterval(timer)
      onAccepted = null
    }
  }

  /** So many are newly wanted each second, by the talkers in turn, whatever the server does: what it cannot take waits on the devices. */
  function openly(talkers: readonly Talker[], perSecond: number, text: string): void {
    const loop = createOpenLoop<Talker>({
      deviceOf: ({ device }) => device,
      say: (talker) => say(talker, text),
      again,
      after: (delayMs, run) => void setTimeout(run, delayMs),
      random: Math.random,
    })
    openLoop = loop
    onAccepted = (id) => loop.accepted(id)
    const startedAt = performance.now()
    let wanted = 0
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond)
      for (; wanted < due; wanted++) {
        const talker = talkers[wanted % talkers.length]
        if (talker !== undefined) loop.want(talker)
      }
    }, 5)
    // What was told to come later goes on coming, and its answer is awaited.
    stop = () => clearInterval(timer)
  }

  return {
    async hush() {
      stop()
      while (open.size > 0) await sleep(20)
    },
    async connect(target, plans, atOnce) {
      const first = devices.length
      await each(plans.length, atOnce, async (index) => {
        const plan = plans[index]
        if (plan === undefined) return
        const device = connectOne(target, plan, first + index)
        devices[first + index] = device
        await within(CAUGHT_UP_MS, 'A device’s catching up', device.caughtUp)
      })
    },
    talk(talkers, pace, text) {
      if ('inFlight' in pace) closedLoop(talkers, pace.inFlight, text)
      else if ('wantedPerSecond' in pace) openly(talkers, pace.wantedPerSecond, text)
      else evenly(talkers, pace.perSecond, text)
    },
    mark() {
      const taken = deliveredMs
      deliveredMs = []
      return {
        accepted: ledger.acceptedCount,
        received: ledger.receivedCount,
        deliveredMs: taken,
        ownDelayP99Ms: delay.takeP99Ms(),
        ownCpuMicros: ownCpuMicros(),
        told,
        ...(openLoop === null ? {} : { offered: openLoop.offered() }),
      }
    },
    async finish() {
      stop()
      const givenUp = openLoop?.giveUp() ?? 0
      const until = performance.now() + SETTLE_MS
      while (!ledger.settled() && performance.now() < until) await sleep(50)
      // A doubled entry may come after everything else.
      await sleep(100)
      return { faults: [...wrong, ...ledger.close()], accepted: ledger.acceptedCount, received: ledger.receivedCount, givenUp }
    },
  }
}

let made = 0
const run = Date.now()
/** UUIDs as clients make them: the leading bits are time, so that they rise; unique in this process and, by its id, among them. */
function nextId(): string {
  made++
  const time = (run + Math.floor(made / 4_096)).toString(16).padStart(12, '0')
  const low = (made % 4_096).toString(16).padStart(3, '0')
  const own = (process.pid % 0xffff_ffff).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${low}-8000-${own}`
}
