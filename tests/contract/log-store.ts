import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accept, makeAccounts, makeDirect, makeGroup, newConversation, newId, refuse, request, text, withStores, type OpenSubject } from './stores.ts'

/** Texts that careless storage changes: joined emoji, marks of direction, decomposed Hangul, escapes, the largest code points. */
const ODD_TEXTS = [
  '👨‍👩‍👧‍👦 🏴‍☠️ 👍🏽',
  '\u200Fשלום\u202C مرحبا\u2066!',
  '한글'.normalize('NFD'),
  '한글'.normalize('NFC'),
  ' \t앞뒤 빈칸\r\n\u2028\u2029 ',
  '"\\\b\f\u007f\u0001</script>',
  '\u{10FFFF}\uFFFF\uFEFF',
  'é e\u0301',
]

/** What every log keeps: entries, their order and their names. */
export function logStoreContract(name: string, open: OpenSubject): void {
  const it = (title: string, body: Parameters<typeof withStores>[1]): void => {
    test(`${title} (${name})`, () => withStores(open, body))
  }

  it('[M1] what was reported is there after reopening, and can be read at once before', async (stores, subject) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    const asked = text(room, a!, '안녕')
    const appended = await accept(stores, asked, 5_000)
    const expected = { seq: 2, acceptedAt: 5_000, author: a, id: asked.id, body: asked.body }
    assert.deepEqual(appended, { ok: true, seq: 2, acceptedAt: 5_000, repeated: false, body: asked.body, accounts: [] })
    assert.deepEqual(await stores.log.read(room, 1, 10), [expected])
    const again = await subject.reopen()
    assert.deepEqual(await again.log.read(room, 1, 10), [expected])
    const repeated = await accept(again, asked, 9_000)
    assert.deepEqual(repeated, { ...appended, repeated: true })
  })

  it('[M2] the same id appended twice is one message: later, in one batch, and in calls side by side', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    const asked = text(room, a!, '한 번만')
    const inBatch = await stores.log.append([asked, text(room, a!, '다음'), asked], 1)
    assert.deepEqual(
      inBatch.map((result) => result.ok && [result.seq, result.repeated]),
      [
        [2, false],
        [3, false],
        [2, true],
      ],
    )
    const other = text(room, b!, '동시에')
    const sideBySide = await Promise.all([1, 2, 3].map(() => stores.log.append([other], 2)))
    assert.deepEqual(
      sideBySide.flat().map((result) => result.ok && [result.seq, result.repeated]),
      [
        [4, false],
        [4, true],
        [4, true],
      ],
    )
    assert.deepEqual((await accept(stores, asked, 99)).acceptedAt, 1)
    assert.equal((await stores.log.read(room, 0, 100)).length, 4)
  })

  it('[M2] an id with other content or in another conversation is refused, for ever, and nothing is written', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeDirect(stores, a!, b!)
    const elsewhere = await makeDirect(stores, a!, c!)
    const asked = text(room, a!, '처음')
    await accept(stores, asked)
    assert.equal(await refuse(stores, text(room, a!, '다른 말', asked.id)), 'id-conflict')
    assert.equal(await refuse(stores, text(elsewhere, a!, '처음', asked.id)), 'id-conflict')
    assert.equal(await refuse(stores, request(room, a!, { kind: 'left' }, asked.id)), 'id-conflict')
    assert.equal(await refuse(stores, text(newConversation(), a!, '처음', asked.id)), 'id-conflict')
    assert.deepEqual(
      [...(await stores.log.heads([room, elsewhere])).values()].map(({ head }) => head),
      [2, 1],
    )
    // The id is (author, id): somebody else may have made the same one.
    assert.equal((await accept(stores, text(room, b!, '나도', asked.id))).seq, 3)
  })

  it('[M2] a repeat is answered before anything else is asked, so also after its author has left', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeGroup(stores, a!, [b!])
    const said = text(room, b!, '갈게')
    const left = request(room, b!, { kind: 'left' })
    await accept(stores, said)
    const first = await accept(stores, left)
    assert.deepEqual(first.accounts, [b])
    assert.equal(await refuse(stores, text(room, b!, '아직 있나')), 'not-a-member')
    assert.equal((await accept(stores, said)).repeated, true)
    assert.deepEqual(await accept(stores, left), { ...first, repeated: true })
  })

  it('[M2] a refused request leaves no trace: its id is free, its neighbours stand', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeGroup(stores, a!, [b!])
    const early = text(room, c!, '들어가도 될까')
    const results = await stores.log.append([text(room, a!, '하나'), early, text(room, b!, '둘')], 1)
    assert.deepEqual(
      results.map((result) => (result.ok ? result.seq : result.code)),
      [2, 'not-a-member', 3],
    )
    await accept(stores, request(room, a!, { kind: 'invited', accounts: [c!] }))
    assert.equal((await accept(stores, early)).repeated, false)
  })

  it('[M3] seq starts at 1 and rises by exactly 1, with many writers side by side', async (stores) => {
    const people = await makeAccounts(stores, 10)
    const rooms = await Promise.all([1, 2, 3].map(() => makeGroup(stores, people[0]!, people.slice(1))))
    const asked = Array.from({ length: 300 }, (_, index) => text(rooms[index % 3]!, people[index % 10]!, `${index}`))
    const results = (await Promise.all(asked.map((one) => stores.log.append([one], 1)))).flat()
    for (const [place, room] of rooms.entries()) {
      const entries = await stores.log.read(room, 0, 200)
      assert.deepEqual(
        entries.map((entry) => entry.seq),
        Array.from({ length: 101 }, (_, index) => index + 1),
      )
      for (const [index, one] of asked.entries()) {
        const result = results[index]
        if (index % 3 === place) assert(result?.ok && entries[result.seq - 1]?.id === one.id, 'an answer names the place where the entry is')
      }
    }
  })

  it('[M6] a batch, and calls not waited for, are written in the order given', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    const asked = Array.from({ length: 1_500 }, (_, index) => text(room, a!, `${index}`))
    const calls = [stores.log.append(asked.slice(0, 400), 1), ...asked.slice(400).map((one) => stores.log.append([one], 1))]
    const results = (await Promise.all(calls)).flat()
    assert.deepEqual(
      results.map((result) => result.ok && result.seq),
      asked.map((_, index) => index + 2),
    )
    const read = [...(await stores.log.read(room, 1, 1_000)), ...(await stores.log.read(room, 1_001, 1_000))]
    assert.deepEqual(
      read.map((entry) => entry.id),
      asked.map((one) => one.id),
    )
  })

  it('[M4] odd texts come back code unit for code unit', async (stores, subject) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    const long = '가😀'.repeat(5_000)
    for (const words of [...ODD_TEXTS, long]) await accept(stores, text(room, a!, words))
    const again = await subject.reopen()
    const entries = await again.log.read(room, 1, 100)
    assert.deepEqual(
      entries.map((entry) => entry.body),
      [...ODD_TEXTS, long].map((words) => ({ kind: 'text', text: words })),
    )
    // Composed and decomposed are different texts, so the id of one does not stand for the other.
    const known = entries[2]!
    assert.equal(await refuse(again, text(room, a!, ODD_TEXTS[3]!, known.id)), 'id-conflict')
    assert.equal((await accept(again, text(room, a!, ODD_TEXTS[2]!, known.id))).seq, known.seq)
  })

  it('[W4] one who is not in it, and nobody, cannot write', async (stores) => {
    const [a, b, c] = await makeAccounts(stores, 3)
    const room = await makeDirect(stores, a!, b!)
    assert.equal(await refuse(stores, text(room, c!, '저기요')), 'not-a-member')
    assert.equal(await refuse(stores, text(newConversation(), a!, '저기요')), 'not-a-member')
    assert.equal(await refuse(stores, text(room, newId() as never, '저기요')), 'not-a-member')
    // Whether it is a group is not for outsiders to learn.
    assert.equal(await refuse(stores, request(room, c!, { kind: 'renamed', title: '새 이름' })), 'not-a-member')
    assert.deepEqual(await stores.log.heads([room]), new Map([[room, { head: 1, change: 0 }]]))
  })

  it('[M1] an empty batch is answered with nothing', async (stores) => {
    assert.deepEqual(await stores.log.append([], 1), [])
    assert.deepEqual(await stores.log.heads([]), new Map())
  })

  it('[D2] reading gives what comes after a seq, oldest first, at most so many', async (stores) => {
    const [a, b] = await makeAccounts(stores, 2)
    const room = await makeDirect(stores, a!, b!)
    await stores.log.append(
      Array.from({ length: 9 }, (_, index) => text(room, a!, `${index}`)),
      1,
    )
    const seqs = async (after: number, limit: number): Promise<number[]> => (await stores.log.read(room, after, limit)).map((entry) => entry.seq)
    assert.deepEqual(await seqs(0, 3), [1, 2, 3])
    assert.deepEqual(await seqs(7, 3), [8, 9, 10])
    assert.deepEqual(await seqs(8, 3), [9, 10])
    assert.deepEqual(await seqs(10, 3), [])
    assert.deepEqual(await seqs(0, 0), [])
    assert.deepEqual(await stores.log.read(newConversation(), 0, 10), [])
    const unknown = newConversation()
    assert.deepEqual(await stores.log.heads([unknown, room]), new Map([[room, { head: 10, change: 0 }]]))
  })
}
