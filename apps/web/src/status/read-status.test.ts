import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatusDocument } from '@bongsu/protocol'
import { StatusDocumentSchema } from '@bongsu/protocol/schemas'
import { Compile } from 'typebox/compile'
import { bannerOf, heardMsMax, readStatus, statusCharsMax, type Status } from './read-status.ts'

const incident = {
  id: 'i-1',
  url: 'https://status.example.kr/incidents/i-1/',
  title: { ko: '로그인이 되지 않습니다', en: 'Signing in does not work' },
  body: { ko: '원인을 찾고 있습니다.', en: 'We are looking for the cause.' },
  impact: 'major',
  status: 'investigating',
  startedAt: 1_000,
  updatedAt: 2_000,
  nextUpdateAt: null,
  share: { value: 0.08, low: 0.06, high: 0.1 },
} as const
const document: StatusDocument = {
  name: '봉수',
  pageUrl: 'https://status.example.kr',
  madeAt: 10_000,
  measuredAt: 10_000,
  staleAfterMs: 60_000,
  sentence: { ko: '문제가 있습니다', en: 'There is a problem' },
  components: [{ id: 'sign-in', name: { ko: '로그인', en: 'Sign-in' }, condition: 'partial_outage' }],
  incidents: [incident],
}
const read = (value: unknown): Status | null => readStatus(JSON.stringify(value))

test('[F6] a document of the protocol is read, with what is shown of it', () => {
  assert.ok(Compile(StatusDocumentSchema).Check(document))
  const { id, url, title, body, impact, updatedAt } = incident
  assert.deepEqual(read(document), {
    pageUrl: 'https://status.example.kr',
    measuredAt: 10_000,
    staleAfterMs: 60_000,
    hears: false,
    incidents: [{ id, url, title, body, impact, updatedAt }],
  })
  assert.deepEqual(read({ ...document, measuredAt: null, incidents: [], more: 1 })?.incidents, [], 'what came later is no matter')
})

test('[F7] only the exact mark says that the sentinel itself has answered', () => {
  assert.equal(read({ ...document, hears: true })?.hears, true)
  for (const hears of [false, null, 1, 'true', {}]) assert.equal(read({ ...document, hears })?.hears, false)
})

test('[F6] an answer of another shape is none', () => {
  const wrong: unknown[] = [
    null,
    [],
    'x',
    1,
    {},
    { ...document, pageUrl: undefined },
    { ...document, measuredAt: 'now' },
    { ...document, measuredAt: -1 },
  ]
  wrong.push({ ...document, staleAfterMs: 0.5 }, { ...document, incidents: {} }, { ...document, incidents: [null] })
  for (const change of [
    { id: 1 },
    { id: 'x'.repeat(101) },
    { url: 'javascript:alert(1)' },
    { url: 'data:text/html,x' },
    { url: '//other' },
    { url: 'https://' },
    { title: '로그인' },
    { title: { ko: '로그인' } },
    { body: { ko: '', en: null } },
    { impact: 'red' },
    { updatedAt: null },
  ])
    wrong.push({ ...document, incidents: [incident, { ...incident, ...change }] })
  for (const value of wrong) assert.equal(read(value), null, JSON.stringify(value))
  for (const text of ['', '{', '<!doctype html>', 'null']) assert.equal(readStatus(text), null, text)
  const padded = (length: number): string => JSON.stringify(document).padEnd(length)
  assert.notEqual(readStatus(padded(statusCharsMax)), null)
  assert.equal(readStatus(padded(statusCharsMax + 1)), null)
})

test('[O1] however many incidents and however long their texts, so much is kept', () => {
  const many = read({
    ...document,
    incidents: Array.from({ length: 30 }, () => ({ ...incident, title: { ko: '가'.repeat(500), en: '🔥'.repeat(300) } })),
  })
  assert.equal(many?.incidents.length, 20)
  assert.equal(many.incidents[0]?.title.ko.length, 201)
  assert.ok(many.incidents.every(({ title }) => title.en.isWellFormed()))
})

test('[C16] the banner shows the fact of an update without its headings, and cuts a longer text between words', () => {
  const shown = (ko: string): string | undefined =>
    read({ ...document, incidents: [{ ...incident, body: { ko, en: 'plain' } }] })?.incidents[0]?.body.ko
  assert.equal(
    shown('■ 사실: 8.1%가 영향을 받고 있습니다(7.3%~9.0%).\n■ 원인: 모릅니다.\n■ 문의: 02-000-0000'),
    '8.1%가 영향을 받고 있습니다(7.3%~9.0%).',
  )
  assert.equal(shown('여러 줄의\n글입니다.'), '여러 줄의\n글입니다.')
  const long = shown(`${'가나다 '.repeat(40)}12,345.678 ${'라 '.repeat(200)}`) ?? ''
  for (let before = 150; before < 172; before++) {
    const text = shown(`${'가'.repeat(before - 1)} 12,345.678% ${'라'.repeat(300)}`) ?? ''
    assert.match(text, /^가+( 12,345\.678%)?…$/, text.slice(-20))
  }
  assert.ok(long.length <= 161 && long.endsWith('…'))
})

const nothing = new Set<string>()
const status = read(document) as Status

test('[F6] the newest incident is shown until that word of it was put away', () => {
  const second = { ...(status.incidents[0] as Status['incidents'][number]), id: 'i-0', updatedAt: 500 }
  const both = { heardAt: 0, status: { ...status, incidents: [...status.incidents, second] } }
  const shown = (...putAway: string[]): string | undefined => bannerOf(both, { now: 20_000, live: true, putAway: new Set(putAway) })?.key
  assert.equal(shown(), 'i-1@2000')
  assert.equal(shown('i-1@1000'), 'i-1@2000', 'what was put away before was another word')
  assert.equal(shown('i-1@2000'), 'i-0@500')
  assert.equal(shown('i-1@2000', 'i-0@500'), undefined)
  assert.equal(bannerOf(null, { now: 0, live: false, putAway: nothing }), null)
})

test('[F6, C16] old evidence tells nothing, to the millisecond; that the watch is silent is said only to whoever is cut off, and only when it was just asked', () => {
  const kinds = (now: number, live: boolean, heardAt = now): (string | null)[] => {
    const banner = bannerOf({ status, heardAt }, { now, live, putAway: nothing })
    return [banner?.kind ?? null]
  }
  assert.deepEqual(kinds(70_000, true), ['incident'])
  assert.deepEqual(kinds(70_001, true), [null])
  assert.deepEqual(kinds(70_001, false), ['silent'])
  assert.deepEqual(kinds(70_001, false, 70_000), [null], 'the last answer was fresh, and grew old since: nothing was asked since')
  assert.deepEqual(kinds(1_000_000, false, 1_000_000 - heardMsMax), ['silent'])
  assert.deepEqual(kinds(1_000_000, false, 1_000_000 - heardMsMax - 1), [null])
  assert.deepEqual(kinds(9_000, false), ['incident'], 'a clock that is behind is no reason to doubt')
  const never = { status: { ...status, measuredAt: null }, heardAt: 0 }
  assert.equal(bannerOf(never, { now: 0, live: true, putAway: nothing }), null)
  assert.equal(bannerOf(never, { now: 0, live: false, putAway: nothing })?.kind, 'silent')
  assert.equal(bannerOf(never, { now: 0, live: false, putAway: new Set(['silent@0']) }), null)
})
