import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { openDevice } from '@bongsu/client/node'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'

// A device in a process of its own, on a file, to be killed. Told on standard input to write; says on standard output, line by line and before
// it goes on, what it does. Arguments: URL of the server, handle, password, file, conversation.

const [serverUrl = '', handle = '', password = '', file = '', room = ''] = process.argv.slice(2)
const conversationId = room as ConversationId

/** One line. Pipes are written synchronously on POSIX systems, so a line said is a line heard, whenever the process is killed. */
function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const device = await openDevice({ serverUrl, handle, password, deviceName: '파일 기기', file })
await device.start()
device.subscribe(() => {
  const { connection, outbox, replica } = device.view()
  say({ t: 'view', state: connection.state, waiting: outbox.length, cursor: replica.rooms.get(conversationId)?.cursor ?? 0 })
})
say({ t: 'started', outbox: device.view().outbox.map((item) => item.id) })

for await (const line of createInterface({ input: process.stdin })) {
  const [first, last] = line.split(' ').map(Number) as [number, number]
  for (let number = first; number <= last; number++) {
    const id = randomUUID() as ClientMessageId
    const text = `꺼진 동안 쓴 말 ${number}`
    say({ t: 'invoked', id, text })
    await device.send(conversationId, { kind: 'text', text }, id)
    say({ t: 'stored', id })
  }
}
