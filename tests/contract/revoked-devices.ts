import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { AccountId, DeviceId } from '@bongsu/protocol'
import { createBuilder, step } from '../../apps/server/src/accounts/builder.ts'
import { deviceSteps, forgetRevoked, listDevices, REVOKED_BOUNDS, revokeSteps, wasRevoked } from '../../apps/server/src/accounts/devices.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { createSimulatedClock } from '../worlds/simulated-clock.ts'
import { makeAccounts, withStores, type OpenSubject } from './stores.ts'

/** What is known of devices revoked long ago, on whatever engine. */
export function revokedDevicesContract(name: string, open: OpenSubject): void {
  test(`[B73] a revoked device is known for two years, and of one account only the last ones (${name})`, () =>
    withStores(open, async (stores) => {
      const { sql } = stores
      const clock = createSimulatedClock()
      const db = createBuilder(sql.dialect)
      // Of the accounts module only its database and its clock are used here.
      const parts = { sql, db, clock, knownNow: () => clock.now() } as unknown as AccountsParts
      const [one, other] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
      const revoked = async (accountId: AccountId): Promise<DeviceId> => {
        const deviceId = randomUUID() as DeviceId
        await sql.atomic([
          ...deviceSteps(parts, accountId, { deviceId, name: '시험', createdAt: clock.now() }),
          ...revokeSteps(parts, accountId, deviceId),
        ])
        return deviceId
      }
      const known = async (...devices: readonly DeviceId[]): Promise<readonly boolean[]> => {
        const answers = []
        for (const deviceId of devices) answers.push(await wasRevoked(parts, deviceId))
        return answers
      }
      const old = await revoked(one)
      const stays = randomUUID() as DeviceId
      await sql.atomic(deviceSteps(parts, one, { deviceId: stays, name: '남는 것', createdAt: clock.now() }))
      clock.advance(REVOKED_BOUNDS.keptMs)
      const recent = await revoked(one)
      await forgetRevoked(parts)
      assert.deepEqual(await known(old, recent), [true, true], 'to the millisecond')
      clock.advance(1)
      await forgetRevoked(parts)
      assert.deepEqual(await known(old, recent), [false, true])

      const oldest = await revoked(other)
      clock.advance(1)
      const last = await revoked(other)
      const accountKey = db.selectFrom('accounts').select('account_key').where('account_id', '=', other)
      const rows = Array.from({ length: REVOKED_BOUNDS.perAccountMax - 2 }, (_, n) => ({
        device_id: randomUUID(),
        account_key: accountKey.$asScalar().$notNull(),
        name: '시험',
        created_at: 0,
        last_seen_at: 0,
        revoked_at: clock.now() + n,
      }))
      for (let from = 0; from < rows.length; from += 100) await sql.atomic([step(db.insertInto('devices').values(rows.slice(from, from + 100)))])
      await forgetRevoked(parts)
      assert.deepEqual(await known(oldest, last), [true, true], 'the most that are kept')
      clock.advance(REVOKED_BOUNDS.perAccountMax)
      await revoked(other)
      await forgetRevoked(parts)
      assert.deepEqual(await known(oldest, last, recent), [false, true, true])
      assert.deepEqual((await listDevices(parts, one)).map(({ deviceId }) => deviceId).includes(stays), true, 'no signed-in device is forgotten')
    }))
}
