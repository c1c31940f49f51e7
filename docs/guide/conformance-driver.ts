// Lets the kit of conformance.md drive a device of @bongsu/client. A driver for another client does the same.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { reactionsOf, textOf, unreadCount, type DeviceHandle, type MarkedEntry, type Room } from '@bongsu/client'
import { openDevice } from '@bongsu/client/node'
import type { ConversationId } from '@bongsu/protocol'

interface Command {
  readonly n: number
  readonly do: string
  readonly server: string
  readonly folder: string
  readonly handle: string
  readonly password: string
  readonly conversation: ConversationId
  readonly text: string
  readonly seq: number
  readonly emoji: string
}

let device: DeviceHandle

function roomOf({ conversation }: Command): Room | undefined {
  return device.view().replica.rooms.get(conversation)
}

const COMMANDS: Readonly<Record<string, (command: Command) => Promise<object>>> = {
  async open({ server, folder, handle, password }) {
    mkdirSync(folder, { recursive: true })
    device = await openDevice({ serverUrl: server, handle, password, deviceName: 'conformance', file: join(folder, 'device.db') })
    await device.start()
    return { name: '@bongsu/client', can: ['outbox', 'put-back', 'history', 'reading', 'marks', 'audit'] }
  },
  async send({ conversation, text }) {
    return { id: await device.send(conversation, { kind: 'text', text }) }
  },
  async show(command) {
    const room = roomOf(command)
    const { outbox } = device.view()
    const older = room !== undefined && (room.entries[0]?.seq ?? room.cursor + 1) > room.membership.joinedSeq
    return {
      items: [...(older ? [{ loading: true }] : []), ...(room?.entries ?? []).map(shown)],
      unsent: outbox
        .filter((item) => item.conversationId === command.conversation)
        .map(({ id, body, progress, refused }) => ({
          id,
          text: body.kind === 'text' ? body.text : '',
          state: progress,
          ...(refused === null ? {} : { code: refused }),
        })),
    }
  },
  async older({ conversation }) {
    await device.loadOlder(conversation, 200)
    return {}
  },
  async unread(command) {
    const room = roomOf(command)
    return { count: room === undefined ? 0 : unreadCount(room, device.view().replica) }
  },
  async read({ conversation, seq }) {
    device.markRead(conversation, seq)
    return {}
  },
  async react(command) {
    const entry = roomOf(command)?.entries.find(({ seq }) => seq === command.seq)
    if (entry === undefined) throw new Error('no such entry')
    await device.act(command.conversation, entry, { kind: 'reaction', value: { emoji: command.emoji } })
    return {}
  },
  async audit({ conversation }) {
    return { equal: (await device.audit(conversation)) === 'equal' }
  },
  async state() {
    return { state: device.view().connection.state }
  },
}

function shown(entry: MarkedEntry): object {
  const { seq, id, author, acceptedAt, body } = entry
  const reactions = Object.fromEntries(reactionsOf(entry, null).map(({ emoji, accounts }) => [emoji, accounts.length]))
  return { seq, id, author, acceptedAt, kind: body.kind, text: textOf(entry), reactions }
}

const lines = createInterface({ input: process.stdin })
// The kit is gone.
lines.on('close', () => process.exit())
lines.on('line', (line) => {
  const command = JSON.parse(line) as Command
  const answered = COMMANDS[command.do]?.(command) ?? Promise.reject(new Error(`unknown command: ${command.do}`))
  answered.then(
    (answer) => console.log(JSON.stringify({ n: command.n, ...answer })),
    (cause: unknown) => console.log(JSON.stringify({ n: command.n, error: String(cause) })),
  )
})
