import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, type SendBody, faultInTitle, faultInName } from '@bongsu/protocol'
import { createMemoryStore } from '../../../../tests/worlds/memory-store.ts'
import { accountId, messageId, roomId } from '../../../../tests/worlds/names.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { append, type AppendAnswer } from './append.ts'
import { HISTORY_CHARS_MAX, readHistory } from './history.ts'

async function setUp() {
  const store = createMemoryStore()
  for (const n of [1, 2, 3]) store.addAccount(accountId(n))
  await store.log.createGroup({ conversationId: roomId(1), author: accountId(1), id: messageId(0), title: '', accounts: [accountId(2)] }, 1)
  const happened: string[] = []
  const parts = { log: store.log, clock: createSimulatedClock(), announce: () => void happened.push('announced') }
  async function write(n: number, body: SendBody, author = accountId(1)): Promise<AppendAnswer | undefined> {
    let answered: AppendAnswer | undefined
    await append(parts, { conversationId: roomId(1), author, id: messageId(n), body }, (answer) => {
      answered = answer
      happened.push(answer.ok ? 'accepted' : answer.code)
    })
    return answered
  }
  return { store, parts, happened, write }
}

test('[M5] the sender gets accepted before anyone is told of the entry, and a repeat is announced to nobody', async () => {
  const { happened, write } = await setUp()
  await write(1, { kind: 'text', text: '안녕' })
  await write(1, { kind: 'text', text: '안녕' })
  assert.deepEqual(happened, ['accepted', 'announced', 'accepted'])
})

test('[W1] a forbidden body is refused with its code before the log is asked', async () => {
  const { store, happened, write } = await setUp()
  const max = LIMITS.textCodePointsMax
  const bodies: [SendBody, string][] = [
    [{ kind: 'text', text: '' }, 'text-empty'],
    [{ kind: 'text', text: ' \u3000\n' }, 'text-empty'],
    [{ kind: 'text', text: 'a\0b' }, 'text-malformed'],
    [{ kind: 'text', text: '\udc00' }, 'text-malformed'],
    [{ kind: 'text', text: '🔥'.repeat(max + 1) }, 'text-too-long'],
    [{ kind: 'renamed', title: '두\n줄' }, 'text-malformed'],
    [{ kind: 'renamed', title: '가'.repeat(LIMITS.titleCodePointsMax + 1) }, 'text-too-long'],
    [{ kind: 'invited', accounts: [accountId(3), accountId(3)] }, 'body-invalid'],
    [{ kind: 'invited', accounts: [] }, 'body-invalid'],
  ]
  for (const [index, [body]] of bodies.entries()) await write(index + 1, body)
  assert.deepEqual(
    happened,
    bodies.map(([, code]) => code),
  )
  assert.equal(store.entries(roomId(1)).length, 1)
  const longest = await write(99, { kind: 'text', text: '🔥'.repeat(max) })
  assert.equal(longest?.ok, true)
})

test('[M5] when the log rejects, nothing is answered and nothing announced', async () => {
  const { parts, happened } = await setUp()
  const failing = { ...parts, log: { ...parts.log, append: () => Promise.reject(new Error('the disk is gone')) } }
  const request = { conversationId: roomId(1), author: accountId(1), id: messageId(1), body: { kind: 'text', text: 'a' } as const }
  await assert.rejects(
    append(failing, request, () => void happened.push('answered')),
    /disk is gone/,
  )
  assert.deepEqual(happened, [])
})

test('[D10, W4] history is read backwards without a gap, and never from before the joining', async () => {
  const { store, write } = await setUp()
  for (let n = 1; n <= 9; n++) await write(n, { kind: 'text', text: `${n}` })
  const seqs = async (joinedSeq: number, query: { before?: number; limit?: number }): Promise<number[]> =>
    (await readHistory(store.log, roomId(1), joinedSeq, query)).entries.map((entry) => entry.seq)
  assert.deepEqual(await seqs(1, { limit: 3 }), [8, 9, 10])
  assert.deepEqual(await seqs(1, { before: 8, limit: 3 }), [5, 6, 7])
  assert.deepEqual(await seqs(6, { before: 8, limit: 3 }), [6, 7])
  assert.deepEqual(await seqs(6, { before: 6 }), [])
  assert.deepEqual(await seqs(1, { before: 1 }), [])
  assert.deepEqual(await seqs(9, { before: 9_999 }), [9, 10])
})

test('[O1, D10] a history page has bounded text, ends at the requested place, and pages cover the whole history', async () => {
  const { store, write } = await setUp()
  const text = '가'.repeat(LIMITS.textCodePointsMax)
  for (let n = 1; n <= 40; n++) await write(n, { kind: 'text', text })
  const seen: number[] = []
  for (let before = 42; before > 1;) {
    const page = await readHistory(store.log, roomId(1), 1, { before })
    assert.ok(page.entries.length > 0)
    assert.equal(page.entries.at(-1)?.seq, before - 1)
    const chars = page.entries.reduce((sum, entry) => sum + JSON.stringify(entry.body).length, 0)
    assert.ok(chars <= HISTORY_CHARS_MAX, `${chars} units`)
    seen.unshift(...page.entries.map((entry) => entry.seq))
    before = seen[0] ?? 0
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 41 }, (_, index) => index + 1),
  )
})

test('[W1] titles and names are one line of visible characters, counted by code point', () => {
  assert.equal(faultInTitle(''), null)
  assert.equal(faultInTitle('🔥'.repeat(LIMITS.titleCodePointsMax)), null)
  assert.equal(faultInTitle(' '), 'text-empty')
  for (const bad of ['a\u2028b', 'a\tb', 'a\u0000', '\ud800']) {
    assert.equal(faultInTitle(bad), 'text-malformed', JSON.stringify(bad))
    assert.equal(faultInName(bad, 10), 'text-malformed', JSON.stringify(bad))
  }
  assert.equal(faultInName('🔥'.repeat(10), 10), null)
  assert.equal(faultInName('🔥'.repeat(11), 10), 'text-too-long')
  assert.equal(faultInName('', 10), 'text-empty')
})
