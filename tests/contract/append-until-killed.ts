/** A process that appends without pause and says what was reported durable, one line each: `<conversationId> <seq> <id>`. It is killed. */
import { openSqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { makeAccounts, makeGroup, text } from './stores.ts'

const [directory = ''] = process.argv.slice(2)
const store = await openSqliteStore({ directory })
const people = await makeAccounts(store, 4, `p${process.pid}x`)
const room = await makeGroup(store, people[0]!, people.slice(1))
process.stdout.write('ready\n')
await Promise.all(people.flatMap((person) => [1, 2, 3, 4].map((size) => appendForEver(person, size))))

async function appendForEver(author: (typeof people)[number], size: number): Promise<never> {
  for (;;) {
    const batch = Array.from({ length: size }, () => text(room, author, '말하는 도중에'.repeat(10)))
    const results = await store.log.append(batch, Date.now())
    let lines = ''
    for (const [index, result] of results.entries()) if (result.ok) lines += `${room} ${result.seq} ${batch[index]?.id}\n`
    process.stdout.write(lines)
  }
}
