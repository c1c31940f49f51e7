import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { makeSoundHistory } from '../../../../../tests/contract/sound-history.ts'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import type { AccountId } from '@bongsu/protocol'
import { accept, makeDirect, makeGroup, makePeople, request } from '../../../../../tests/contract/stores.ts'
import { openSqliteStore } from './open-store.ts'
import type { Verified } from '../../store/store-keeper.ts'
import { verifyDatabase } from './verify.ts'

interface Found extends Verified {
  readonly lines: readonly string[]
}

function verify(file: string): Found {
  const lines: string[] = []
  const verified = verifyDatabase(file, { violation: (where, what) => lines.push(`${where}: ${what}`) })
  assert.equal(verified.violations, lines.length)
  return { ...verified, lines }
}

async function makeHistory(t: TestContext): Promise<{ file: string; directory: string; room: string }> {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  const store = await openSqliteStore({ directory })
  const { room } = await makeSoundHistory(store)
  await store.close()
  return { file: join(directory, 'bongsu.db'), directory, room }
}

test('[A6] a sound history passes, stopped and beside a running server, with the same hash', async (t) => {
  const { file, directory } = await makeHistory(t)
  const stopped = verify(file)
  assert.deepEqual(stopped.lines, [])
  assert.deepEqual([stopped.accounts, stopped.conversations, stopped.entries], [5, 3, 28])
  const store = await openSqliteStore({ directory })
  const running = verify(file)
  assert.deepEqual(running, stopped)
  const [a] = await makePeople(store, 1, 'new')
  await makeDirect(store, a!, a!)
  const later = verify(file)
  assert.deepEqual(later.lines, [])
  assert.notEqual(later.history, stopped.history)
  await store.close()
})

/** Each violation, how it is made in a sound history, and the expected finding. */
const breaches: readonly (readonly [name: string, sql: string, said: RegExp])[] = [
  ['[A6, M3] a missing entry', 'DELETE FROM entries WHERE seq = 7', /seq 8: follows seq 6: 1 entries are missing/],
  ['[A6, M3] a missing last entry', 'DELETE FROM entries WHERE seq = 26', /the head is 26, the last entry 25/],
  ['[A6, M3] a head that is too low', 'UPDATE conversations SET head = head - 1 WHERE head > 20', /the head is 25, the last entry 26/],
  [
    '[A6, M2] an id that names two entries',
    'UPDATE entries SET id = (SELECT id FROM entries WHERE seq = 12) WHERE seq = 13',
    /names 2 entries|non-unique/,
  ],
  ['[A6] an author who does not exist', 'UPDATE entries SET author_key = 999 WHERE seq = 9', /author does not exist|rows refer to rows of accounts/],
  [
    '[A6] an author who was not a member',
    'UPDATE entries SET author_key = 5 WHERE seq = 2 AND conversation_key = 3',
    /seq 2: its author was not a member/,
  ],
  ['[A6] a body that is no JSON', "UPDATE entries SET body = '{' WHERE seq = 9", /seq 9: its body is not valid in the protocol/],
  ['[A6] a body of no kind', `UPDATE entries SET body = '{"kind":7,"text":"!"}' WHERE seq = 9`, /seq 9: its body is not valid in the protocol/],
  ['[A6] a body of another kind', `UPDATE entries SET body = '{"kind":"shout"}' WHERE seq = 9`, /seq 9: is kept as text and says shout/],
  ['[A6] a kind that the body does not say', "UPDATE entries SET kind = 'left' WHERE seq = 9", /seq 9: is kept as left and says text/],
  [
    '[A6, I1] a last change that no item has',
    'UPDATE conversations SET change = change + 1 WHERE change > 0',
    /the last change is 7, the newest item has 6/,
  ],
  [
    '[A6, I1] an item beyond the last change',
    "UPDATE conversation_items SET change = 70 WHERE key = '13:x' OR change = 6",
    /change 70 is not between 1 and the last change 6/,
  ],
  ['[A6, I1] an item that is none', `UPDATE conversation_items SET value = '{"emoji":7}' WHERE change = 4`, /is not an item of the protocol/],
  [
    '[A6, I4] an item about an entry that is not there',
    "UPDATE conversation_items SET key = '99', subject = 99 WHERE kind = 'edit'",
    /beyond the head 26/,
  ],
  [
    '[A6, I6] an erased entry whose content is back',
    `UPDATE entries SET kind = 'text', body = '{"kind":"text","text":"!"}' WHERE kind = 'erased'`,
    /entry 12 is said to be erased and is not/,
  ],
  ['[A6, I6] an erased entry without its mark', "DELETE FROM conversation_items WHERE kind = 'erased'", /entry 12 is erased, and no mark says so/],
  [
    '[A6, I6] a mark left on an erased entry',
    "UPDATE conversation_items SET key = '12:' || substr(key, 4), subject = 12 WHERE change = 4",
    /entry 12 is erased and has other marks/,
  ],
  [
    '[A6, I6] an edited entry with its earlier text',
    `UPDATE entries SET body = '{"kind":"text","text":"먼저"}' WHERE seq = 11 AND conversation_key = 3`,
    /entry 11 does not have the text of its last edit/,
  ],
  [
    '[A6, M2] what was asked for is gone without a reason',
    "UPDATE entries SET asked = '' WHERE seq = 20 AND conversation_key = 3",
    /entry 20 is gone, and no mark says why/,
  ],
  ['[A6] a member who never came in', 'INSERT INTO members VALUES (2, 5, 1, 0, 0)', /no entry brought this member in/],
  [
    '[A6] a member who was forgotten',
    'DELETE FROM members WHERE conversation_key = 3 AND account_key = 4',
    /the log brought this member in, but it is not kept as one/,
  ],
  [
    '[A6] a member whose conversation does not exist',
    'INSERT INTO members VALUES (77, 1, 1, 1, 0)',
    /rows refer to rows of conversations that do not exist/,
  ],
  [
    '[A6] a joinedSeq that the log does not say',
    'UPDATE members SET joined_seq = 2, watermark = 5 WHERE conversation_key = 3 AND account_key = 4',
    /joined at 2, but the log says 3/,
  ],
  [
    '[A6] a joinedSeq beyond the head',
    'UPDATE members SET joined_seq = 27 WHERE conversation_key = 3 AND account_key = 4',
    /joined at 27, beyond the head 26/,
  ],
  [
    '[A6, R2] a watermark beyond the head',
    'UPDATE members SET watermark = 27 WHERE conversation_key = 3 AND account_key = 5',
    /has read to 27, beyond the head 26/,
  ],
  [
    '[A6, R3] a watermark that no device was told',
    'UPDATE members SET watermark = 25 WHERE conversation_key = 3 AND account_key = 5',
    /has read to 25, but the account log says 26/,
  ],
  ['[A6] a wrong count of members', 'UPDATE conversations SET member_count = 9 WHERE conversation_key = 3', /counts 9 members and has 5/],
  ['[A6] a title that nobody gave', "UPDATE conversations SET title = 'x' WHERE conversation_key = 3", /the title is not the last one set/],
  [
    '[A6, D9] a membership that the account log does not tell',
    "DELETE FROM account_items WHERE kind = 'membership' AND account_key = 2 AND change = 3",
    /the account log does not tell of this membership/,
  ],
  [
    '[A6, D9] a membership that is only told',
    'DELETE FROM members WHERE account_key = 2 AND conversation_key = 2',
    /tells of a membership in .*, but the account is no member/,
  ],
  [
    '[A6, D9] a change beyond the head',
    'UPDATE account_items SET change = 99 WHERE account_key = 5 AND change = 2',
    /change 99 is not between 1 and the head/,
  ],
  ['[A6, D9] an item that is no JSON', "UPDATE account_items SET value = '{' WHERE account_key = 5 AND change = 2", /is not JSON/],
  [
    '[A6, D9] an item that is not of the protocol',
    "UPDATE account_items SET value = '{}' WHERE account_key = 5 AND change = 2",
    /is not an item of the protocol/,
  ],
  ['[A6, D9] no friend item', "DELETE FROM account_items WHERE kind = 'friend'", /does not tell of the friend/],
  ['[A6, D9] no device item', "DELETE FROM account_items WHERE kind = 'device'", /does not tell of the device/],
  ['[A6, D9] no profile item', "DELETE FROM account_items WHERE kind = 'profile'", /does not tell the profile as it is kept/],
  [
    '[A6, D9] a profile that is not the account’s',
    "UPDATE account_items SET value = json_set(value, '$.displayName', 'x') WHERE kind = 'profile' AND account_key = 3",
    /does not tell the profile as it is kept/,
  ],
  ['[A6, D9] no item at all of an account', 'DELETE FROM account_items WHERE account_key = 5', /the head is \d+, the newest change 0/],
  ['[A6, D9] a head that is too high', 'UPDATE accounts SET head = head + 50 WHERE account_key = 4', /the head is 5\d, the newest change \d/],
  [
    '[A6, D9] a friend item about somebody else',
    "UPDATE account_items SET value = json_set(value, '$.accountId', (SELECT account_id FROM accounts WHERE account_key = 4)) WHERE kind = 'friend' AND value IS NOT NULL",
    /friend .*: is about /,
  ],
  [
    '[A6, D9] a friend item with the handle of somebody else',
    "UPDATE account_items SET value = json_set(value, '$.handle', 'somebody') WHERE kind = 'friend' AND value IS NOT NULL",
    /gives a handle that is not/,
  ],
  ['[A6, D9] a friend who is only told', 'DELETE FROM friends', /tells of the friend .*, who is not kept as one/],
  [
    '[A6, D9] a device that is only told',
    'UPDATE devices SET revoked_at = 5 WHERE revoked_at IS NULL',
    /tells of the device .*, which is not signed in/,
  ],
  ['[A6, D9] a device that came back', 'UPDATE devices SET revoked_at = NULL', /does not tell of the device/],
  [
    '[A6, A4] a restored head beyond the head',
    'INSERT INTO restored_heads (conversation_key, head) SELECT conversation_key, head + 1 FROM conversations',
    /was restored at/,
  ],
  [
    '[A6, A4] a restored head before the first entry',
    'INSERT INTO restored_heads (conversation_key, head) SELECT conversation_key, -1 FROM conversations',
    /was restored at -1/,
  ],
  [
    '[A6, M3] a seq that no number can hold',
    'UPDATE entries SET seq = 9007199254740993 WHERE seq = 26',
    /conversation .*, after seq 25: cannot be read: /,
  ],
  [
    '[A6] a head that no number can hold',
    'UPDATE conversations SET head = 9007199254740993 WHERE conversation_key = 3',
    /conversations: cannot be read: /,
  ],
  ['[A6, M2] an id that is not there', 'UPDATE entries SET id = NULL WHERE seq = 9', /seq 9: has an id of the wrong length/],
  ['[A6, D7] a history without a name', "DELETE FROM meta WHERE key = 'epoch'", /no epoch/],
]

test('[A6, W3] what a newer program wrote of kinds that this one does not know is no fault', async (t) => {
  const { file } = await makeHistory(t)
  const db = new DatabaseSync(file)
  db.exec(`UPDATE entries SET kind = 'shout', body = '{"kind":"shout","loud":true}' WHERE seq = 9;
    UPDATE conversation_items SET kind = 'star', value = '{"stars":5}' WHERE kind = 'reaction';
    UPDATE accounts SET head = head + 1 WHERE account_key = 5;
    INSERT INTO account_items (account_key, kind, key, change, value) SELECT 5, 'pin', 'x', head, '{"pinned":true}' FROM accounts WHERE account_key = 5`)
  db.close()
  assert.deepEqual(verify(file).lines, [])
})

test('[A6] every kind of violation is found, with its place', async (t) => {
  const { file, directory } = await makeHistory(t)
  for (const [name, sql, said] of breaches) {
    await t.test(name, () => {
      const copy = join(directory, `${randomUUID()}.db`)
      copyFileSync(file, copy)
      const db = new DatabaseSync(copy, { enableForeignKeyConstraints: false })
      // The schema itself forbids some of them, but a damaged file does not obey it.
      db.enableDefensive(false)
      if (name.includes('names two')) {
        db.exec(`PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE (author_key, id)', 'CHECK (seq > 0)') WHERE name = 'entries';
          DELETE FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_entries%';
          PRAGMA writable_schema = RESET`)
      }
      if (sql.includes('id = NULL')) {
        db.exec(`PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET sql = replace(sql, 'id BLOB NOT NULL', 'id BLOB') WHERE name = 'entries';
          PRAGMA writable_schema = RESET`)
      }
      db.exec(sql)
      db.close()
      const { lines } = verify(copy)
      assert.ok(lines.length > 0, 'something is found')
      assert.match(lines.join('\n'), said)
    })
  }
})

test('[A6] damage in the file is reported, and the readable parts are checked all the same', async (t) => {
  const { file } = await makeHistory(t)
  const db = new DatabaseSync(file)
  const root = (db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'friends'").get() as { rootpage: number }).rootpage
  db.close()
  const bytes = readFileSync(file)
  bytes.fill(0xff, (root - 1) * 4_096, root * 4_096)
  writeFileSync(file, bytes)
  const { lines, entries } = verify(file)
  assert.match(lines.join('\n'), /^file: /m)
  assert.equal(entries, 28)
})

test('[A6, B10, B13] who owns a group and who may not come back are what its entries say', async (t) => {
  const { directory, remove } = temporaryDirectory()
  t.after(remove)
  const store = await openSqliteStore({ directory })
  const [a, b, c, d] = (await makePeople(store, 4)) as [AccountId, AccountId, AccountId, AccountId]
  const room = await makeGroup(store, a, [b, c, d])
  await accept(store, request(room, a, { kind: 'role', accountId: b, role: 'deputy' }))
  await accept(store, request(room, b, { kind: 'removed', accountId: c, barred: true }))
  await accept(store, request(room, a, { kind: 'removed', accountId: d, barred: true }))
  await accept(store, request(room, a, { kind: 'invited', accounts: [d] }))
  await accept(store, request(room, a, { kind: 'rights', rights: { post: 'deputy' } }))
  await accept(store, request(room, a, { kind: 'left' }))
  await store.close()
  const file = join(directory, 'bongsu.db')
  assert.deepEqual(verify(file).lines, [])
  for (const [sql, said] of [
    [`UPDATE conversations SET state = replace(state, '"host":"${b}"', '"host":"${d}"')`, /its host, deputies and rights are not/],
    ["UPDATE conversations SET state = replace(state, 'deputy', 'member')", /its host, deputies and rights are not/],
    ['UPDATE conversations SET state = NULL', /its host, deputies and rights are not/],
    ['DELETE FROM barred', /who may not come back is not/],
    ['INSERT OR IGNORE INTO barred (conversation_key, account_key) SELECT 1, account_key FROM accounts', /who may not come back is not/],
    // Staff keep out whom they like, without an entry [B68].
    ['INSERT OR IGNORE INTO barred (conversation_key, account_key, by_staff) SELECT 1, account_key, 1 FROM accounts', /^$/],
  ] as const) {
    const copy = join(directory, 'copy.db')
    copyFileSync(file, copy)
    const db = new DatabaseSync(copy)
    db.exec(sql)
    db.close()
    assert.match(verify(copy).lines.join('\n'), said, sql)
  }
})
