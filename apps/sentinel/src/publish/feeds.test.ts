import assert from 'node:assert/strict'
import { test } from 'node:test'
import Parser from 'rss-parser'
import { EXAMPLES, exampleIncident, exampleMaintenance, exampleSnapshot, NOW } from '../../../../tests/worlds/status-snapshots.ts'
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
      ids.every((id) => /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)),
      ids.join(),
    )
    const moved = feedsOf({ ...snapshot, pageUrl: 'https://elsewhere.example' }, 'ko')
    const ofMoved = await parser.parseString(text === before.atom ? moved.atom : moved.rss)
    assert.deepEqual(
      ofMoved.items.map((item) => String(item['id'] ?? item.guid)),
      ids,
      'the same statements at another address are no news',
    )
    const plan = items.find((item) => item.title?.startsWith('[예정]'))
    assert.match(plan?.contentSnippet ?? '', /11월 23일 \(월\) 11:06 – 12:36 · 메시지 보내기·받기/)
    assert.equal(items[1]?.link, 'https://status.example.org/incidents/2026-11-22-1054.html')
    assert.equal(items[0]?.isoDate, new Date(NOW - 60_000).toISOString())
  }
})

test('[S17] RSS names a creator, because its author is a mail address, and has descriptions; JSON Feed has the same entries', () => {
  const { rss, atom, json } = feedsOf(EXAMPLES.signIn(), 'ko')
  assert.doesNotMatch(rss, /<author>/)
  assert.match(rss, /<dc:creator>김봉화<\/dc:creator>/)
  assert.match(rss, /xmlns:dc=/)
  assert.equal(rss.match(/<description>/g)?.length, 1 + (rss.match(/<item>/g)?.length ?? 0))
  assert.match(atom, /<author>\s*<name>김봉화<\/name>/)
  const feed = JSON.parse(json) as { version: string; items: { id: string }[] }
  assert.match(feed.version, /^https:\/\/jsonfeed\.org\/version\/1/)
  assert.equal(feed.items.length, rss.match(/<item>/g)?.length)
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
