import assert from 'node:assert/strict'
import { test } from 'node:test'
import Parser from 'rss-parser'
import { EXAMPLES, exampleIncident, exampleMaintenance, exampleSnapshot, NOW } from './example-snapshots.ts'
import { FEED_ENTRIES_MAX, feedsOf } from './feeds.ts'

test('[S4] Atom and RSS have every statement once, newest first, under permanent ids', async () => {
  const snapshot = { ...EXAMPLES.signIn(), maintenances: [exampleMaintenance('m1', NOW + 86_400_000, 'scheduled')] }
  const before = feedsOf(snapshot, 'ko')
  const after = feedsOf({ ...snapshot, madeAt: NOW + 60_000, measuredAt: NOW + 59_000 }, 'ko')
  assert.deepEqual(after, before, 'the age of the data is no news')
  const parser = new Parser()
  for (const text of [before.atom, before.rss]) {
    const { items, title } = await parser.parseString(text)
    assert.equal(title, '봉수 상태')
    assert.deepEqual(
      items.map((item) => item.title),
      [
        '[원인 파악] PC에서 로그인이 되지 않습니다',
        '[조사 중] PC에서 로그인이 되지 않습니다',
        '[예정] 데이터베이스 교체',
        '[바로잡음] 일부 이용자가 메시지를 주고받지 못했습니다',
        '[해결] 일부 이용자가 메시지를 주고받지 못했습니다',
        '[원인 파악] 일부 이용자가 메시지를 주고받지 못했습니다',
        '[조사 중] 일부 이용자가 메시지를 주고받지 못했습니다',
      ],
    )
    const ids = items.map((item) => String(item['id'] ?? item.guid))
    assert.equal(new Set(ids).size, items.length)
    assert.ok(
      ids.every((id) => /^https:\/\/status\.example\.org\/.+#[a-z0-9]{12}$/.test(id)),
      ids.join(),
    )
    assert.equal(items[1]?.link, 'https://status.example.org/incidents/2026-11-22-1054.html')
    assert.equal(items[0]?.isoDate, new Date(NOW - 60_000).toISOString())
  }
})

test('[S4] hostile texts neither break the feeds nor become markup in their readers', async () => {
  const nasty = ']]> & <b> ]]> \u0000\u0008\uFFFE\uD800 <script>alert(1)</script> ]]>'
  const text = { ko: nasty, en: nasty }
  const incident = exampleIncident('x', text, {}, [{ at: NOW, body: text, by: nasty, change: { correction: text } }])
  const feeds = feedsOf({ ...exampleSnapshot({ open: [incident], past: [] }), name: nasty }, 'en')
  for (const feed of [feeds.atom, feeds.rss]) {
    const { items } = await new Parser().parseString(feed)
    assert.equal(items.length, 1)
    // Readers treat titles as HTML and must show exactly the text that was written.
    assert.match(items[0]?.title ?? '', /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
    assert.doesNotMatch(items[0]?.content ?? '', /<script/)
  }
})

test('the number of feed entries is bounded', async () => {
  const said = Array.from({ length: FEED_ENTRIES_MAX + 1 }, (_, index) => ({ at: NOW + index, body: { ko: '말', en: 'word' } }))
  const many = exampleSnapshot({ open: [exampleIncident('x', { ko: '일', en: 'it' }, {}, said)], past: [] })
  const { items } = await new Parser().parseString(feedsOf(many, 'ko').atom)
  assert.equal(items.length, FEED_ENTRIES_MAX)
  assert.equal(items[0]?.isoDate, new Date(NOW + FEED_ENTRIES_MAX).toISOString())
})
