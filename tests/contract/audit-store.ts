import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { makeAccounts, makeGroup, newConversation, text, withStores, type OpenSubject } from './stores.ts'

/** How a device finds out whether it holds what the log holds. */
export function auditStoreContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[A1] the hash is of seq and id of each entry in turn, up to the bound and not one more', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    const room = await makeGroup(stores, a!, [])
    const width = LIMITS.auditEntriesMax
    await stores.log.append(
      Array.from({ length: width }, (_, index) => text(room, a!, `${index}`)),
      1,
    )
    const entries = [...(await stores.log.read(room, 0, width)), ...(await stores.log.read(room, width, 1))]
    assert.equal(entries.length, width + 1)
    const expected = (from: number, to: number): string => {
      const hash = createHash('sha256')
      for (const { seq, id } of entries.slice(from - 1, to)) {
        const seqBytes = Buffer.alloc(8)
        seqBytes.writeBigUInt64BE(BigInt(seq))
        hash.update(seqBytes).update(Buffer.from(id.replaceAll('-', ''), 'hex'))
      }
      return hash.digest('hex')
    }
    for (const [from, to] of [
      [1, 1],
      [7, 9],
      [1, width],
      [2, width + 1],
    ] as const) {
      assert.equal((await stores.audit.hash(room, from, to)).hash, expected(from, to), `${from} to ${to}`)
    }
    await assert.rejects(stores.audit.hash(room, 1, width + 1), /1 to 1000 entries/)
    await assert.rejects(stores.audit.hash(room, 2, 1), /1 to 1000 entries/)
  })

  it('[A1] of entries that do not all exist there is no hash', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    const room = await makeGroup(stores, a!, [])
    assert.match((await stores.audit.hash(room, 1, 1)).hash ?? '', /^[0-9a-f]{64}$/)
    assert.equal((await stores.audit.hash(room, 1, 2)).hash, null)
    assert.equal((await stores.audit.hash(room, 2, 2)).hash, null)
    assert.equal((await stores.audit.hash(newConversation(), 1, 1)).hash, null)
  })

  it('[A4] a history that was never restored goes back to no other', async (stores) => {
    const [a] = await makeAccounts(stores, 1)
    await makeGroup(stores, a!, [])
    assert.equal(await stores.audit.restoredHeads(a!, 'another'), null)
  })
}
