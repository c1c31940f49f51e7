import assert from 'node:assert/strict'
import { statement, createBuilder } from '../apps/server/src/accounts/builder.ts'
import { createPasswords } from '../apps/server/src/accounts/passwords.ts'
import { openSqliteStore } from '../apps/server/src/adapters/sqlite/open-store.ts'
import { systemRandom } from '../apps/server/src/adapters/system/random.ts'
import { DEMO_PASSWORD, fillTown } from './fill.ts'
import { generateTown } from './town.ts'

// What `npm run demo` runs: fills an empty data folder of its own with a small town, then starts the server on it.

process.env['BONGSU_DATA'] ??= './data/demo'
process.env['BONGSU_STATUS_DATA'] ??= './data/demo-sentinel'
const directory = process.env['BONGSU_DATA']
const host = process.env['BONGSU_HOST']
if (host !== undefined && !['127.0.0.1', 'localhost', '::1'].includes(host)) {
  process.stderr.write('Everybody in the demo has the same well-known password, so it listens to this machine only. Leave BONGSU_HOST unset.\n')
  process.exit(78)
}

const today = new Date()
const town = generateTown(1, today.getHours() * 60 + today.getMinutes())
const store = await openSqliteStore({ directory })
try {
  const [someone] = await store.sql.read(statement(createBuilder(store.sql.dialect).selectFrom('accounts').select('account_key').limit(1)))
  if (someone === undefined) await fill()
} finally {
  await store.close()
}

const faces = town.people.slice(0, 5).map(({ handle, displayName }) => `${handle} (${displayName})`)
process.stderr.write(`\n  둘러보기 / Look around: sign in as ${faces.join(', ')}, …\n  비밀번호 / Password: ${DEMO_PASSWORD}\n`)
await import('../apps/server/src/start.ts')

async function fill(): Promise<void> {
  const startedAt = performance.now()
  const passwordHash = await createPasswords().hash(DEMO_PASSWORD, { known: true, network: '' })
  assert(passwordHash !== null, 'nobody else waits for a password here')
  const progress = (text: string): void => void process.stderr.write(`  ${text}\n`)
  await fillTown({ log: store.log, receipts: store.receipts, sql: store.sql, random: systemRandom, now: Date.now(), passwordHash, progress }, town)
  const messages = town.rooms.reduce((sum, room) => sum + room.lines.length, 0)
  progress(
    `${town.people.length} people, ${town.rooms.length} rooms, ${messages} messages in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
  )
}
