import { turnSpreadMs } from '../packages/client/src/outbox.ts'

/** As the client has it: most conversations of a device with a message under way, and most messages that wait on one device. */
export const OPEN_LOOP_BOUNDS = { inFlightMax: 8, outboxItemsMax: 1_000 }

/** What people wanted to say, and what became of it. */
export interface Offered {
  /** Newly wanted, whatever the server does. */
  readonly wanted: number
  /** Put on the wire, each try counted. */
  readonly tried: number
  /** Not taken by the device, because its outbox was full. */
  readonly full: number
  /** Waits on its device and was never tried. */
  readonly neverTried: number
}

export interface OpenLoop<T> {
  /** Somebody wants to say something there, now. */
  want(talker: T): void
  accepted(id: string): void
  /** The server has no time: the same again after so long. */
  told(id: string, retryAfterMs: number): void
  /** What was never tried is given up; what was told to come later still comes. @returns how much was given up. */
  giveUp(): number
  offered(): Offered
}

/** As the client waits where it was told when to come: give or take a second. @param random in [0, 1). */
export function waitOf(retryAfterMs: number, random: number): number {
  return retryAfterMs + random * Math.min(turnSpreadMs, retryAfterMs)
}

interface Conversation<T> {
  readonly talker: T
  readonly device: Device<T>
  waiting: number
  /** Under way, or told to come later: the next waits for it [M6]. */
  open: string | null
}

interface Device<T> {
  underWay: number
  /** All that waits in its outbox. */
  items: number
  readonly ready: Conversation<T>[]
}

/**
 * People who want to say things at a pace of their own, on devices that obey the client's rules: one message of a conversation at a time, a few
 * conversations at a time, what is refused waits as told and holds back what comes after it, and an outbox with a bound.
 */
export function createOpenLoop<T>(parts: {
  readonly deviceOf: (talker: T) => number
  /** Says the next thing. @returns its id. */
  readonly say: (talker: T) => string
  /** Says the same again. */
  readonly again: (id: string) => void
  readonly after: (delayMs: number, run: () => void) => void
  /** In [0, 1). */
  readonly random: () => number
}): OpenLoop<T> {
  const devices = new Map<number, Device<T>>()
  const conversations = new Map<T, Conversation<T>>()
  const openOf = new Map<string, Conversation<T>>()
  let [wanted, tried, full, neverTried] = [0, 0, 0, 0]

  function conversationOf(talker: T): Conversation<T> {
    let known = conversations.get(talker)
    if (known !== undefined) return known
    const place = parts.deviceOf(talker)
    const device = devices.get(place) ?? { underWay: 0, items: 0, ready: [] }
    devices.set(place, device)
    known = { talker, device, waiting: 0, open: null }
    conversations.set(talker, known)
    return known
  }

  function pump(device: Device<T>): void {
    while (device.underWay < OPEN_LOOP_BOUNDS.inFlightMax) {
      const next = device.ready.shift()
      if (next === undefined) return
      device.underWay++
      tried++
      if (next.open !== null) parts.again(next.open)
      else {
        next.waiting--
        neverTried--
        next.open = parts.say(next.talker)
        openOf.set(next.open, next)
      }
    }
  }

  return {
    want(talker) {
      wanted++
      const conversation = conversationOf(talker)
      const { device } = conversation
      if (device.items >= OPEN_LOOP_BOUNDS.outboxItemsMax) return void full++
      device.items++
      neverTried++
      // One that has something to say stands in the line once.
      if (conversation.waiting++ === 0 && conversation.open === null) device.ready.push(conversation)
      pump(device)
    },
    accepted(id) {
      const conversation = openOf.get(id)
      if (conversation === undefined) return
      openOf.delete(id)
      const { device } = conversation
      conversation.open = null
      device.underWay--
      device.items--
      if (conversation.waiting > 0) device.ready.push(conversation)
      pump(device)
    },
    told(id, retryAfterMs) {
      const conversation = openOf.get(id)
      if (conversation === undefined) return
      const { device } = conversation
      device.underWay--
      parts.after(waitOf(retryAfterMs, parts.random()), () => {
        device.ready.push(conversation)
        pump(device)
      })
      pump(device)
    },
    giveUp() {
      const given = neverTried
      for (const conversation of conversations.values()) {
        conversation.device.items -= conversation.waiting
        conversation.waiting = 0
      }
      for (const { ready } of devices.values()) {
        const held = ready.filter(({ open }) => open !== null)
        ready.splice(0, ready.length, ...held)
      }
      neverTried = 0
      return given
    },
    offered: () => ({ wanted, tried, full, neverTried }),
  }
}
