/** A process whose files may grow to a limit: it appends until the store refuses, says so, and tries the refused entry until there is room. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { Unavailable } from '../../apps/server/src/conversation/log-store.ts'
import { accept, makeAccounts, makeDirect, text } from './stores.ts'

const [directory = ''] = process.argv.slice(2)
const store = await openSqliteStore({ directory })
const people = await makeAccounts(store, 2)
const room = await makeDirect(store, people[0]!, people[1]!)
let accepted = 1
for (;;) {
  const asked = text(room, people[0]!, '가득'.repeat(2_000))
  try {
    await accept(store, asked)
    accepted++
  } catch (error) {
    assert(error instanceof Unavailable && !error.full && error.cause instanceof Error, 'a disk that fails is Unavailable, with its cause')
    assert.equal(store.health().writable, false)
    assert.equal((await store.log.read(room, accepted - 1, 10)).length, 1, 'what was accepted can be read while nothing can be written')
    await assert.rejects(store.probe(), Unavailable)
    process.stdout.write('full\n')
    while (!(await probed())) await sleep(20)
    const after = await accept(store, asked)
    assert.deepEqual([after.seq, after.repeated], [accepted + 1, false], 'the failed try left nothing behind')
    assert.deepEqual(store.health(), { writable: true, fault: null })
    break
  }
}
await store.close()
process.stdout.write(`${room} ${accepted + 1}\n`)

async function probed(): Promise<boolean> {
  return store.probe().then(
    () => true,
    () => false,
  )
}
