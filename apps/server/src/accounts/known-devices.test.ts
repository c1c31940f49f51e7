import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { DeviceId } from '@bongsu/protocol'
import { openAccountsWorld } from '../../../../tests/worlds/accounts-world.ts'
import { revokeDevice } from './devices.ts'
import { createKnownDevices } from './known-devices.ts'
import type { SqlDatabase } from './sql-database.ts'

test('[W4] a device is known only for its own account and only while signed in', async (t) => {
  const world = await openAccountsWorld(t)
  const [member, other] = [await world.join('member'), await world.join('other')]
  const known = createKnownDevices(world)
  const callers = [
    { accountId: member.profile.accountId, deviceId: member.deviceId },
    { accountId: other.profile.accountId, deviceId: member.deviceId },
    { accountId: member.profile.accountId, deviceId: randomUUID() as DeviceId },
  ]
  for (const round of [1, 2]) {
    const answers = await Promise.all(callers.map(known))
    assert.deepEqual(answers, [true, false, false], `asked for the ${round}. time`)
  }
  assert.equal((await revokeDevice(world, member.profile.accountId, member.deviceId)).ok, true)
  assert.equal(await createKnownDevices(world)(callers[0]!), false, 'to a process that starts after it was revoked')
})

test('[O1] each answer costs one read, and the number of remembered answers is bounded', async (t) => {
  const world = await openAccountsWorld(t)
  let reads = 0
  const sql: SqlDatabase = { ...world.sql, read: (query) => (reads++, world.sql.read(query)) }
  const known = createKnownDevices({ sql, db: world.db }, 2)
  const people = [await world.join('one'), await world.join('two'), await world.join('three')]
  const [one, two, three] = people.map(({ profile, deviceId }) => ({ accountId: profile.accountId, deviceId }))
  for (let n = 0; n < 10; n++) assert.deepEqual([await known(one!), await known(two!)], [true, true])
  assert.equal(reads, 2)
  assert.equal(await known(three!), true)
  assert.equal(reads, 3)
  assert.deepEqual([await known(two!), await known(three!)], [true, true])
  assert.equal(reads, 3, 'the two newest are remembered')
  assert.equal(await known(one!), true)
  assert.equal(reads, 4, 'and the oldest is asked for again')
})
