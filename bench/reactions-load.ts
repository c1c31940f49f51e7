import { randomUUID } from 'node:crypto'
import { FEATURES, SUBPROTOCOL, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { DownFrame, UpFrame } from '@bongsu/protocol/schemas'
import { WebSocket } from 'ws'
import { CAUGHT_UP_MS, each } from './device.ts'
import type { DevicePlan, Target } from './jobs.ts'
import { within } from './within.ts'

const EMOJI = ['❤️', '👍', '✅', '😆', '😮', '😢'] as const
/** Reactions under way at a time. */
const IN_FLIGHT = 32
/** After the last answer, every device must have every reaction in this time. */
const SETTLE_MS = 60_000

/** Devices of one room that react to one text and hear of each other's reactions. */
export interface Reactors {
  connect(target: Target, plans: readonly DevicePlan[], atOnce: number): Promise<void>
  /** The first device says something, and so many devices react to it. Resolves when all devices have all of it. */
  react(count: number): Promise<{ readonly copies: number; readonly faults: readonly string[] }>
}

interface Reactor {
  readonly room: ConversationId
  send(frame: UpFrame): void
  /** The device has all items up to this change. */
  change: number
  items: number
}

export function createReactors(): Reactors {
  const reactors: Reactor[] = []
  const faults: string[] = []
  const answers = new Map<string, (frame: DownFrame) => void>()
  /** The text has arrived everywhere: from then on nothing but items may come. */
  let reacting = false
  let settled = (): void => {}

  const wrong = (what: string): void => void (faults.length < 20 && faults.push(what))

  function hear(reactor: Reactor, frame: DownFrame): void {
    if (frame.t === 'accepted' || frame.t === 'set-accepted') answers.get(frame.id)?.(frame)
    else if (frame.t === 'refused' || frame.t === 'reset') wrong(`a device got ${JSON.stringify(frame).slice(0, 200)}`)
    else if (frame.t === 'items') {
      if (frame.from !== reactor.change) wrong(`items from ${frame.from} came to a device that stood at ${reactor.change}`)
      reactor.change = frame.to
      reactor.items += frame.items.length
      settled()
    } else if (reacting && (frame.t === 'entries' || frame.t === 'account' || frame.t === 'unread')) {
      wrong(`a reaction counted somewhere: ${JSON.stringify(frame).slice(0, 200)}`)
    }
  }

  async function connectOne(target: Target, plan: DevicePlan): Promise<Reactor> {
    const socket = new WebSocket(`${target.url}/v1/socket`, SUBPROTOCOL, { perMessageDeflate: false })
    const send = (frame: UpFrame): void => socket.send(JSON.stringify(frame))
    const cursors = plan.cursors as [ConversationId, number][]
    const reactor: Reactor = { room: cursors[0]?.[0] as ConversationId, send, change: 0, items: 0 }
    const caughtUp = new Promise<void>((resolve, reject) => {
      socket.on('open', () =>
        send({ t: 'hello', token: plan.token, epoch: target.epoch, account: plan.account, cursors, features: [...FEATURES], changes: [] }),
      )
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as DownFrame
        if (frame.t === 'caught-up') resolve()
        else hear(reactor, frame)
      })
      socket.on('error', reject)
      socket.on('close', (code) => {
        wrong(`a connection ended with code ${code}`)
        reject(new Error(`the connection ended with code ${code}`))
      })
    })
    await within(CAUGHT_UP_MS, 'A device’s catching up', caughtUp)
    return reactor
  }

  function answered(frame: UpFrame & { t: 'send' | 'set' }, reactor: Reactor): Promise<DownFrame> {
    return new Promise((resolve) => {
      answers.set(frame.id, resolve)
      reactor.send(frame)
    })
  }

  async function say(reactor: Reactor): Promise<{ readonly seq: number; readonly subject: ClientMessageId }> {
    const subject = randomUUID() as ClientMessageId
    const frame = await answered({ t: 'send', id: subject, conversationId: reactor.room, body: { kind: 'text', text: '투표해 주세요' } }, reactor)
    if (frame.t !== 'accepted') throw new Error('the text was not accepted')
    return { seq: frame.seq, subject }
  }

  return {
    async connect(target, plans, atOnce) {
      await each(plans.length, atOnce, async (index) => {
        const plan = plans[index]
        if (plan !== undefined) reactors.push(await connectOne(target, plan))
      })
    },
    async react(count) {
      const [first] = reactors
      if (first === undefined) throw new Error('nobody is connected')
      const { seq, subject } = await say(first)
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      reacting = true
      const isSettled = (): boolean => reactors.every(({ change }) => change >= count)
      const all = new Promise<void>((resolve) => (settled = () => void (isSettled() && resolve())))
      await each(count, IN_FLIGHT, async (index) => {
        const reactor = reactors[index % reactors.length] as Reactor
        const value = { emoji: EMOJI[index % EMOJI.length] as string }
        const id = randomUUID() as ClientMessageId
        await answered({ t: 'set', id, conversationId: reactor.room, seq, subject, act: { kind: 'reaction', value } }, reactor)
      })
      await within(SETTLE_MS, 'The last reaction’s way to every device', all)
      for (const { items } of reactors) if (items !== count) wrong(`a device has ${items} of ${count} reactions`)
      return { copies: reactors.reduce((sum, { items }) => sum + items, 0), faults }
    },
  }
}
