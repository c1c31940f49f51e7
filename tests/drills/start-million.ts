import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { openRaw } from '../e2e/raw-socket.ts'
import { startServerProcess } from '../e2e/server-process.ts'
import { got, makeGroup, makePeople, type Person } from '../e2e/world.ts'

// How soon a server with a million stored messages is ready again after a kill in the middle of work.

const MESSAGES = Number(process.env['MESSAGES'] ?? '1000000')
const KILLS = Number(process.env['START_KILLS'] ?? '5')
const ROOMS = 100

const ends: (() => void | Promise<void>)[] = []
const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }
const directory = mkdtempSync(join(tmpdir(), 'bongsu-million-'))
later.after(() => rmSync(directory, { recursive: true, force: true }))

try {
  const server = await startServerProcess(later, {
    directory,
    env: {
      BONGSU_FRAMES_PER_SECOND: '1000000',
      BONGSU_FRAMES_BURST: '1000000',
      BONGSU_REQUESTS_PER_MINUTE: '1000000',
      BONGSU_TEXT_BYTES_PER_HOUR: '1000000000000',
    },
  })
  const people = await makePeople(server, 2)
  const [one, other] = people as [Person, Person]
  const rooms: ConversationId[] = []
  for (let count = 0; count < ROOMS; count++) rooms.push(await makeGroup(one, `방 ${count}`, [other]))
  server.signal('SIGTERM')
  await server.exited
  fill(join(directory, 'bongsu.db'))
  await server.start()

  const times: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    const heard = await talk(server.url, one, rooms)
    await server.kill()
    const startedAt = performance.now()
    await server.start()
    times.push(Math.round(performance.now() - startedAt))
    // Ready means that it serves: what was accepted last is there.
    const { conversationId, seq } = heard
    const page = got(await other.api.call('readHistory', { params: { conversationId }, query: { limit: 1 } }))
    if (page.head < seq) throw new Error(`#${seq} was accepted, the head is #${page.head}`)
  }
  const bytes = statSync(join(directory, 'bongsu.db')).size
  const figures = { messages: MESSAGES, databaseMiB: Math.round(bytes / 1_048_576), readyMs: times, worstMs: Math.max(...times) }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
} finally {
  for (const end of ends.toReversed()) await end()
}

/** Puts the messages in as the server would have, but a thousand times faster. */
function fill(file: string): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const author = db.prepare('SELECT account_key AS key FROM accounts ORDER BY account_key LIMIT 1').get() as { key: number }
  const places = db.prepare("SELECT conversation_key AS key, head FROM conversations WHERE kind = 'group'").all() as { key: number; head: number }[]
  const insert = db.prepare("INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body) VALUES (?, ?, ?, ?, ?, 'text', ?)")
  const raise = db.prepare('UPDATE conversations SET head = ? WHERE conversation_key = ?')
  const each = Math.ceil(MESSAGES / places.length)
  for (const { key, head } of places) {
    for (let count = 1; count <= each; count++) {
      const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
      insert.run(
        key,
        head + count,
        author.key,
        id,
        Date.now(),
        JSON.stringify({ kind: 'text', text: `오늘 저녁에 볼까요? ${count}번째로 묻습니다.` }),
      )
    }
    raise.run(head + each, key)
  }
  db.exec('COMMIT')
  db.close()
}

/** Writes without a pause for a while; the kill comes in the middle of it. @returns the last that was accepted. */
async function talk(url: string, person: Person, rooms: readonly ConversationId[]): Promise<{ conversationId: ConversationId; seq: number }> {
  const raw = await openRaw(later, url, person.token)
  await raw.next('caught-up')
  const until = performance.now() + 1_500
  for (let count = 0; performance.now() < until; count++) {
    const conversationId = rooms[count % rooms.length] as ConversationId
    raw.say({ t: 'send', id: randomUUID() as ClientMessageId, conversationId, body: { kind: 'text', text: `쓰는 도중에 ${count}` } })
    if (count % 32 === 31) await pause(4)
  }
  const last = raw.frames.findLast((frame) => frame.t === 'accepted')
  if (last?.t !== 'accepted') throw new Error('nothing was accepted')
  return last
}
