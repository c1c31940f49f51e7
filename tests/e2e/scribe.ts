import { randomUUID } from 'node:crypto'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { Invoked, Ledger, SeenMark } from '../../apps/server/src/conformance/checker.ts'
import type { TestDevice } from './world.ts'

/** Writes down what devices are asked to do and what they are answered, for the checker. */
export interface Scribe {
  /** Has the device write a text; resolves when it is in its outbox. */
  write(device: TestDevice, conversationId: ConversationId, text: string): Promise<ClientMessageId>
  readonly count: number
  ledger(): Ledger
  marks(): readonly SeenMark[]
}

export function createScribe(devices: readonly TestDevice[]): Scribe {
  const invoked: Invoked[] = []
  return {
    async write(device, conversationId, text) {
      const id = randomUUID() as ClientMessageId
      // Before the device is asked: an entry is known here before it can be anywhere else.
      invoked.push({ id, device: device.name, author: device.person.accountId, conversationId, text })
      return device.handle.send(conversationId, { kind: 'text', text }, id)
    },
    get count() {
      return invoked.length
    },
    ledger: () => ({
      invoked,
      accepted: devices.flatMap((device) => device.tap.accepted),
      refused: devices.flatMap((device) =>
        device.handle
          .view()
          .outbox.filter((item) => item.progress === 'refused')
          .map((item) => item.id),
      ),
    }),
    marks: () =>
      devices.flatMap((device) =>
        device.tap.marks.map(({ conversationId, seq }) => ({ holder: device.name, account: device.person.accountId, conversationId, seq })),
      ),
  }
}

export interface Chatter {
  /** No new texts from now on. */
  stop(): Promise<void>
}

/** Most texts that wait in one device's outbox while it chatters: enough to be cut in the middle, few enough to end in time. */
const WAITING_MAX = 12

/** Has every device write into its rooms, and read what comes, until stopped. Pauses are `pauseMs` on average. */
export function startChatter(scribe: Scribe, devices: readonly TestDevice[], random: () => number, pauseMs: number): Chatter {
  const stopped = new AbortController()
  async function chatter(device: TestDevice): Promise<void> {
    for (let count = 1; !stopped.signal.aborted; count++) {
      const rooms = [...device.handle.view().replica.rooms.values()]
      const room = rooms[Math.floor(random() * rooms.length)]
      if (room !== undefined && device.handle.view().outbox.length < WAITING_MAX) {
        await scribe.write(device, room.conversationId, `${device.name}의 ${count}번째 말 ${'가나다'.repeat(Math.floor(random() * 8))}`)
        if (random() < 0.2) device.handle.markRead(room.conversationId, room.cursor)
      }
      await new Promise((resolve) => setTimeout(resolve, random() * 2 * pauseMs))
    }
  }
  const all = Promise.all(devices.map(chatter))
  return {
    async stop() {
      stopped.abort()
      await all
    },
  }
}
