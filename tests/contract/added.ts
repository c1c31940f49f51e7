import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type AccountId, type Reach } from '@bongsu/protocol'
import { putAwayAdded } from '../../apps/server/src/accounts/added.ts'
import { block } from '../../apps/server/src/accounts/blocks.ts'
import { createBuilder } from '../../apps/server/src/accounts/builder.ts'
import { addFriend, removeFriend } from '../../apps/server/src/accounts/friends.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { itemsOf, makeAccounts, makeGroup, setBlock, setItem, withStores, type OpenSubject, type Stores } from './stores.ts'

function deedsOn(stores: Stores) {
  const risen: AccountId[] = []
  let now = 1_000
  const parts = {
    sql: stores.sql,
    db: createBuilder(stores.sql.dialect),
    clock: { now: () => now++, monotonic: () => now },
    rose: (accounts: readonly AccountId[]) => void risen.push(...accounts),
  } as unknown as AccountsParts
  const added = async (account: AccountId) => (await itemsOf(stores, account)).filter(({ kind }) => kind === 'added')
  return {
    parts,
    risen,
    /** Whom an account is told of, and what is null of it. */
    told: async (account: AccountId) => (await added(account)).filter(({ value }) => value !== null).map(({ key }) => key),
    added,
    add: async (account: AccountId, friend: AccountId, tells?: boolean) => assert.ok((await addFriend(parts, account, friend, tells)).ok),
  }
}

/** What an account is told of those who add it as a friend [B45-B47]. */
export function addedContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[B45] who is added learns it once, however often they are removed and added again; putting it away holds', async (stores) => {
    const [a, b] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    const { parts, risen, added, add } = deedsOn(stores)
    await add(a, b)
    const [item] = await added(b)
    const value = item?.value as { from: { accountId: string; displayName: string }; at: number }
    assert.deepEqual([item?.key, value.from.accountId, value.from.displayName, value.at > 0], [a, a, '0', true])
    assert.deepEqual(risen.toSorted(), [a, b].toSorted())
    risen.length = 0
    for (let times = 0; times < 20; times++) {
      await removeFriend(parts, a, b)
      await add(a, b)
    }
    assert.deepEqual([risen.includes(b), await added(b)], [false, [item]], 'b is woken once')
    for (let times = 0; times < 2; times++) assert.deepEqual(await putAwayAdded(parts, b, a), { ok: true, value: {} })
    assert.deepEqual(
      risen.filter((account) => account === b),
      [b],
    )
    await removeFriend(parts, a, b)
    await add(a, b)
    assert.deepEqual(await added(b), [{ kind: 'added', key: a, value: null }])
    assert.deepEqual([await putAwayAdded(parts, a, b), await added(a)], [{ ok: true, value: {} }, []])
  })

  it('[B45] who adds back is done with it, and the other one, who has them as a friend, is told nothing', async (stores) => {
    const [a, b] = (await makeAccounts(stores, 2)) as [AccountId, AccountId]
    const { told, added, add } = deedsOn(stores)
    await add(a, b)
    await add(b, a)
    assert.deepEqual([await told(b), await added(a)], [[], []])
  })

  it('[B46] nobody is told of whom they block; blocking puts away what was told; a person who added may be blocked', async (stores) => {
    const [a, b, c] = (await makeAccounts(stores, 3)) as [AccountId, AccountId, AccountId]
    const { parts, risen, told, added, add } = deedsOn(stores)
    await setBlock(stores, b, a, true)
    await add(a, b)
    assert.deepEqual([await added(b), risen], [[], [a]])
    const answers = [await addFriend(parts, a, b), await addFriend(parts, c, b, false)]
    await removeFriend(parts, c, b)
    assert.deepEqual(
      [...answers, await addFriend(parts, c, b)].map((one) => one.ok && one.value),
      Array(3).fill(answers[0]!.ok && answers[0]!.value),
    )
    await removeFriend(parts, c, b)
    await add(c, b)
    assert.ok((await block(parts, b, c)).ok, 'b knows c from this alone')
    assert.deepEqual(await told(b), [])
    await setBlock(stores, b, a, false)
    await removeFriend(parts, a, b)
    await add(a, b)
    assert.deepEqual(await told(b), [a], 'a was never told of, and is no longer blocked')
  })

  for (const [from, stranger, acquainted] of [
    ['everyone', true, true],
    ['acquainted', false, true],
    ['friends', false, false],
  ] as readonly (readonly [Reach, boolean, boolean])[])
    it(`[B46] whoever is reached by ${from} is told of the same people`, async (stores) => {
      const [me, a, b] = (await makeAccounts(stores, 3)) as [AccountId, AccountId, AccountId]
      const { told, add } = deedsOn(stores)
      await makeGroup(stores, me, [b])
      await setItem(stores, me, { kind: 'reach', key: '', value: { from } })
      await add(a, me)
      await add(b, me)
      assert.deepEqual(await told(me), [...(stranger ? [a] : []), ...(acquainted ? [b] : [])])
    })

  it(`[B47] of ${LIMITS.addedMax + 1} who add, the first gives way; who adds too many in a day adds on and tells nobody`, async (stores) => {
    const [me, ...others] = (await makeAccounts(stores, LIMITS.addedMax + 3)) as [AccountId, ...AccountId[]]
    const { told, add } = deedsOn(stores)
    for (const other of others.slice(0, LIMITS.addedMax)) await add(other, me)
    assert.deepEqual(await told(me), others.slice(0, LIMITS.addedMax))
    const head = async () => (await stores.resume.position(me, null))?.head
    const before = (await head()) ?? 0
    await add(others[LIMITS.addedMax]!, me)
    assert.deepEqual([await told(me), await head()], [others.slice(1, LIMITS.addedMax + 1), before + 2])
    await add(others[LIMITS.addedMax + 1]!, me, false)
    assert.deepEqual(await told(me), others.slice(1, LIMITS.addedMax + 1))
  })
}
