import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept, makeAccounts, makeDirect, makeGroup, newConversation, request, text, withStores, type OpenSubject } from './stores.ts'

/** Who has read how far. */
export function receiptStoreContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[R1, R2] a watermark never falls nor passes the head, and each request is answered', async (stores, subject) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeDirect(stores, a!, b!)
    for (let index = 0; index < 4; index++) await accept(stores, text(room, a!, `${index}`))
    const at = (seq: number, accountId = b!, conversationId = room) => ({ conversationId, accountId, seq })
    assert.deepEqual(await stores.receipts.raise([]), [])
    assert.deepEqual(await stores.receipts.raise([at(3), at(2), at(3), at(4), at(4, c), at(4, b, newConversation())]), [
      true,
      false,
      false,
      true,
      false,
      false,
    ])
    const readSeq = async (stores_ = stores): Promise<number | undefined> => (await stores_.resume.snapshot(room, b!, 1))?.readSeq
    assert.equal(await readSeq(), 4)
    assert.deepEqual(await stores.receipts.raise([at(1)]), [false])
    assert.equal(await readSeq(), 4)
    assert.deepEqual(await stores.receipts.raise([at(Number.MAX_SAFE_INTEGER)]), [true])
    assert.equal(await readSeq(), 5)
    await accept(stores, text(room, a!, '더'))
    assert.equal(await readSeq(), 5, 'it was cut to the head of then, and does not follow it')
    assert.equal(await readSeq(await subject.reopen()), 5)
  })

  it('[R3] each rise is an item of the reader’s own account log; nothing rises for others', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    for (let index = 0; index < 4; index++) await accept(stores, text(room, a!, `${index}`))
    const before = await stores.resume.accountHeads([a!, b!])
    await stores.receipts.raise([
      { conversationId: room, accountId: b!, seq: 3 },
      { conversationId: room, accountId: b!, seq: 2 },
      { conversationId: room, accountId: b!, seq: 9 },
    ])
    const page = await stores.resume.items(b!, before.get(b!)!, 10)
    assert.deepEqual(page, { to: before.get(b!)! + 2, items: [{ kind: 'read', key: room, value: { seq: 5 } }] })
    assert.equal((await stores.resume.position(a!, null))?.head, before.get(a!))
  })

  it('[R1] writing does not mean reading: one’s own entry leaves the watermark where it was', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    await accept(stores, text(room, b!, '읽었니'))
    await accept(stores, text(room, a!, '자동 응답'))
    assert.equal((await stores.resume.snapshot(room, a!, 9))?.readSeq, 0)
    assert.deepEqual(await stores.receipts.unread(room, 1, 3), [1, 1, 1])
  })

  it('[R4] the unread number counts members of then and now, less the author, whose watermark is below', async (stores) => {
    const [a, b, c, d] = await makeAccounts(stores, 4)
    const room = await makeGroup(stores, a!, [b!, c!])
    await accept(stores, text(room, a!, '둘'))
    await accept(stores, request(room, b!, { kind: 'invited', accounts: [d!] }))
    await accept(stores, text(room, d!, '넷'))
    // 1 by a: b, c. 2 by a: b, c. 3 by b, the entry d came in by: a, c, d. 4 by d: a, b, c.
    assert.deepEqual(await stores.receipts.unread(room, 1, 4), [2, 2, 3, 3])
    await stores.receipts.raise([{ conversationId: room, accountId: d!, seq: 3 }])
    assert.deepEqual(await stores.receipts.unread(room, 1, 4), [2, 2, 2, 3])
    await stores.receipts.raise([{ conversationId: room, accountId: c!, seq: 2 }])
    assert.deepEqual(await stores.receipts.unread(room, 1, 4), [1, 1, 2, 3])
    // b never read anything; with b gone nobody waits for b.
    await accept(stores, request(room, b!, { kind: 'left' }))
    assert.deepEqual(await stores.receipts.unread(room, 1, 5), [0, 0, 2, 2, 3])
    // Back again, b was not a member at what was said before, as this membership began now.
    await accept(stores, request(room, a!, { kind: 'invited', accounts: [b!] }))
    assert.deepEqual(await stores.receipts.unread(room, 1, 6), [0, 0, 2, 2, 3, 3])
  })

  it('[R4] the range is cut to what exists', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    await accept(stores, text(room, a!, '하나'))
    assert.deepEqual(await stores.receipts.unread(room, 2, 400), [1])
    assert.deepEqual(await stores.receipts.unread(room, 0, 400), [1, 1])
    assert.deepEqual(await stores.receipts.unread(room, 3, 400), [])
    assert.deepEqual(await stores.receipts.unread(newConversation(), 1, 10), [])
  })
}
