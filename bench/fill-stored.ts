import { randomFillSync } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canonicalBody } from '@bongsu/protocol'
import { storedText } from './stored-text.ts'

// A process of its own, so that the bench can be interrupted meanwhile: node bench/fill-stored.ts <data> <messages in each conversation>.
// It writes what the server would have written, in the same order and with ids as clients make them, without waiting for the disk each time.

/** Rows in one transaction. */
const ROWS = 200_000
/** What the indexes need to stay in memory, in KiB. */
const CACHE_KIB = 1_048_576
/** Time between two messages, in ms: ten million are three years. */
const APART_MS = 9

const [directory = '', each = ''] = process.argv.slice(2)
fill(join(directory, 'bongsu.db'), Number(each))
process.disconnect?.()

function fill(file: string, perConversation: number): void {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA locking_mode = EXCLUSIVE`)
  const places = db.prepare('SELECT conversation_key AS key, head FROM conversations ORDER BY conversation_key').all() as {
    key: number
    head: number
  }[]
  const membersOf = db.prepare('SELECT account_key AS key FROM members WHERE conversation_key = ? ORDER BY account_key')
  const members = places.map(({ key }) => (membersOf.all(key) as { key: number }[]).map((member) => member.key))
  const insert = db.prepare("INSERT INTO entries (conversation_key, seq, author_key, id, accepted_at, kind, body) VALUES (?, ?, ?, ?, ?, 'text', ?)")
  const total = perConversation * places.length
  const begun = Date.now() - total * APART_MS
  const id = Buffer.alloc(16)
  let written = 0
  db.exec('BEGIN')
  for (let round = 1; round <= perConversation; round++) {
    // Everybody goes on talking, so that conversations grow side by side in the file as they do in life.
    for (const [index, { key, head }] of places.entries()) {
      const at = begun + written * APART_MS
      const authors = members[index] ?? []
      const seq = head + round
      insert.run(key, seq, authors[round % authors.length] ?? 0, idAt(id, at), at, canonicalBody({ kind: 'text', text: storedText(seq) }))
      if (++written % ROWS !== 0) continue
      db.exec('COMMIT; BEGIN')
      process.send?.(written)
    }
  }
  const raise = db.prepare('UPDATE conversations SET head = ? WHERE conversation_key = ?')
  for (const { key, head } of places) raise.run(head + perConversation, key)
  db.exec('COMMIT; PRAGMA journal_mode = WAL')
  db.close()
  const handle = openSync(file, 'r+')
  fsyncSync(handle)
  closeSync(handle)
}

/** UUID version 7: 48 bits of time, then chance. */
function idAt(id: Buffer, at: number): Buffer {
  randomFillSync(id)
  id.writeUIntBE(at, 0, 6)
  id.writeUInt8((id.readUInt8(6) & 0x0f) | 0x70, 6)
  id.writeUInt8((id.readUInt8(8) & 0x3f) | 0x80, 8)
  return id
}
