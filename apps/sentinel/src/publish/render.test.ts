import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusDocumentSchema } from '@bongsu/protocol/schemas'
import { Check, Clean } from 'typebox/value'
import { FORMULAS } from '../judge/share.ts'
import { EXAMPLES, exampleIncident, exampleMaintenance, exampleSnapshot, NOW } from './example-snapshots.ts'
import { createRender, type Files } from './render.ts'
import type { Snapshot } from './snapshot.ts'

const OPTIONS = { subscribeUrl: '/subscribe', webhookUrl: '/webhooks', apiLanguage: 'ko' } as const

function textOf(files: Files, path: string): string {
  const file = files.get(path)
  assert.ok(file, `no ${path}`)
  return new TextDecoder().decode(file.body)
}

const decoder = new TextDecoder()
const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>' & \u0000 ]]> \${x} !\${y} </textarea>`

/** A snapshot in which every text that anyone can write is hostile. */
function hostile(): Snapshot {
  const text = { ko: HOSTILE, en: HOSTILE }
  const incident = exampleIncident('in"><script>', text, { startedAt: NOW - 60_000 }, [
    { at: NOW - 60_000, body: text, by: HOSTILE },
    { at: NOW - 30_000, body: { ko: `■ 라벨: ${HOSTILE}`, en: HOSTILE }, by: HOSTILE, change: { correction: text, startedAt: NOW - 90_000 } },
  ])
  const base = exampleSnapshot({ open: [incident], maintenances: [{ ...exampleMaintenance('m"><script>', NOW, 'scheduled'), title: text }] })
  return {
    ...base,
    name: HOSTILE,
    contact: HOSTILE,
    posts: [{ name: HOSTILE, online: true, heardAt: NOW }],
    maintenances: base.maintenances.map((each) => ({ ...each, updates: each.updates.map((update) => ({ ...update, body: text, title: text })) })),
  }
}

test('[S4] no user’s text becomes markup on any page', () => {
  const files = createRender({ ...OPTIONS, subscribeUrl: `/x"><script>`, webhookUrl: 'javascript:alert(1)"><script>' })(hostile(), false)
  let pages = 0
  for (const [path, { body, type }] of files) {
    if (!type.startsWith('text/html')) continue
    pages += 1
    const html = decoder.decode(body)
    const scripts = html.match(/<script[^>]*>/gi) ?? []
    assert.ok(
      scripts.every((tag) => /^<script src="(?:\.\.\/)*status\.js" defer>$/.test(tag)),
      `${path}: ${scripts.join()}`,
    )
    assert.doesNotMatch(html, /<img|<\/textarea/i, path)
    // A handler attribute, or an attribute broken open by a quote.
    assert.doesNotMatch(html.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\son\w+\s*=/i, path)
    assert.doesNotMatch(html, /\sstyle=|<style/i, `${path}: the policy allows no inline style`)
  }
  assert.ok(pages >= 10)
  assert.doesNotMatch([...files.keys()].join(''), /[^\w./-]/)
})

test('[S6] the same snapshot gives the same bytes, and incident pages are rendered once', () => {
  const [one, other] = [createRender(OPTIONS), createRender(OPTIONS)]
  const first = one(EXAMPLES.signIn(), false)
  assert.deepEqual(
    [...first].map(([path, { hash }]) => [path, hash]),
    [...other(EXAMPLES.signIn(), false)].map(([path, { hash }]) => [path, hash]),
  )
  const later = one({ ...EXAMPLES.signIn(), madeAt: NOW + 2_000, measuredAt: NOW + 1_000 }, false)
  const path = 'incidents/2026-11-13-0512.html'
  assert.equal(later.get(path), first.get(path))
  assert.notEqual(later.get('index.html')?.hash, first.get('index.html')?.hash)
})

test('[S4] every link of every page leads to a file or to a route of the program', () => {
  const snapshot = EXAMPLES.signIn()
  const files = createRender(OPTIONS)({ ...snapshot, maintenances: [exampleMaintenance('m1', NOW + 1, 'scheduled')] }, false)
  for (const [path, { body, type }] of files) {
    if (!type.startsWith('text/html')) continue
    for (const [, link = ''] of decoder.decode(body).matchAll(/(?:href|src)="([^"]*)"/g)) {
      const url = new URL(link, `https://status.example.org/${path}`)
      if (url.protocol !== 'https:' || link.startsWith('#') || link === '/webhooks') continue
      assert.equal(url.origin, 'https://status.example.org', `${path}: ${link}`)
      const target = url.pathname.slice(1)
      assert.ok(files.has(target === '' || target.endsWith('/') ? `${target}index.html` : target), `${path}: ${link} leads to ${target}`)
    }
  }
})

test('[S2] a stale rendering calls nothing operational, in any document and language', () => {
  for (const example of [EXAMPLES.well, EXAMPLES.signIn, EXAMPLES.maintenance]) {
    const files = createRender(OPTIONS)(example(), true)
    for (const page of ['index.html', 'en/index.html']) {
      const html = textOf(files, page)
      assert.match(html, /<html lang="\w\w" data-mood="lost"/)
      assert.doesNotMatch(html, /class="state (?!unknown)/)
    }
    assert.match(textOf(files, 'index.html'), /저희 관측과 연락이 끊겼습니다/)
    assert.match(textOf(files, 'en/index.html'), /We have lost contact with our own monitoring/)
    const status = JSON.parse(textOf(files, 'status.json')) as { components: { condition: string }[] }
    assert.ok(status.components.every(({ condition }) => condition === 'unknown'))
    const api = JSON.parse(textOf(files, 'api/v2/summary.json')) as { status: { indicator: string }; components: { status: string }[] }
    assert.notEqual(api.status.indicator, 'none')
    assert.ok(api.components.every(({ status: each }) => each !== 'operational'))
  }
})

test('[S2] the page contains its time of measuring, the age limit for the script, and the text for lost contact', () => {
  const html = textOf(createRender(OPTIONS)(EXAMPLES.well(), false), 'index.html')
  assert.match(html, new RegExp(`data-measured-at="${NOW - 1_000}" data-stale-after="30000"`))
  assert.match(html, /2026년 11월 22일 \(일\) 11:06:20 측정/)
  assert.match(html, /<template id="lost"><section class="now lost"/)
  assert.match(html, /<noscript><meta http-equiv="refresh" content="30" ?\/?><\/noscript>/)
  assert.match(html, /관측소 3곳/)
})

test('[S1] an outage page has the number of people, the start, the time of detection and the next update', () => {
  const html = textOf(createRender(OPTIONS)(EXAMPLES.signIn(), false), 'index.html')
  const figures = /<dl class="figures">([\s\S]*?)<\/dl>/.exec(html)?.[1] ?? ''
  for (const words of ['7.8%', '6.9~8.7%', '서버가 센 이용자', '12분', '10:54부터', '9초', '만에 감지', '11:20'])
    assert.ok(figures.includes(words), words)
})

test('status.json follows the protocol in every state', () => {
  for (const [name, example] of Object.entries(EXAMPLES)) {
    const document: unknown = JSON.parse(textOf(createRender(OPTIONS)(example(), name === 'stale'), 'status.json'))
    assert.ok(Check(StatusDocumentSchema, document), name)
    assert.deepEqual(Clean(StatusDocumentSchema, structuredClone(document)), document, `${name}: nothing besides`)
  }
})

test('the e-mail form and the webhook link are shown only when they work', () => {
  const off = textOf(createRender({ ...OPTIONS, subscribeUrl: null, webhookUrl: null })(EXAMPLES.well(), false), 'index.html')
  assert.doesNotMatch(off, /<form|webhooks/)
  const on = textOf(createRender(OPTIONS)(EXAMPLES.well(), false), 'index.html')
  assert.match(on, /<form class="subscribe" method="post" action="\/subscribe"/)
  assert.match(on, /href="\/webhooks"/)
})

test('[S3] a record that cannot be written or read is mentioned on the first page in both languages', () => {
  const pagesOf = (record: Snapshot['record']): readonly string[] => {
    const files = createRender(OPTIONS)({ ...EXAMPLES.well(), record }, false)
    return ['index.html', 'en/index.html'].map((path) => textOf(files, path))
  }
  const [ko = '', en = ''] = pagesOf('unwritten')
  assert.match(ko, /<p[^>]* id="record">지금은 디스크에 기록을 쓸 수 없습니다\./)
  assert.match(en, /<p[^>]* id="record">The record cannot be written to the disk at the moment\./)
  assert.doesNotMatch(ko + en, /지난 기록도|cannot be read now/)
  const [unreadKo = '', unreadEn = ''] = pagesOf('unread')
  assert.match(unreadKo, /기록합니다\. 지난 기록도 지금은 읽을 수 없어/)
  assert.match(unreadEn, /Earlier entries cannot be read at the moment either/)
  for (const page of pagesOf('written')) assert.doesNotMatch(page, /id="record"/)
})

test('[S5] a correction is shown beside the corrected statement', () => {
  const html = textOf(createRender(OPTIONS)(EXAMPLES.well(), false), 'incidents/2026-11-13-0512.html')
  assert.match(html, /<del>8\.1% \([\d.~%]+\)<\/del>[\s\S]{0,80}<ins>9\.4% \([\d.~%]+\)<\/ins>/)
  assert.match(html, /<del>11월 13일 \(금\) 10:11:21<\/del>[\s\S]{0,80}<ins>11월 13일 \(금\) 10:08:21<\/ins>/)
  assert.match(html, /다시 연결된 기기들이 알려 온 것으로/)
})

test('[S5] a corrected time, or a time of an open incident, has its date when it is on another day', () => {
  const text = { ko: '메시지를 주고받을 수 없습니다', en: 'Messages cannot be sent' }
  const began = NOW - 13 * 3_600_000
  const incident = exampleIncident('over-midnight', text, { startedAt: began }, [
    { at: began + 9_000, body: text },
    { at: NOW - 60_000, body: text, by: '김', change: { correction: text, startedAt: began - 60_000 } },
  ])
  const files = createRender(OPTIONS)({ ...exampleSnapshot(), open: [incident], incidents: [incident] }, false)
  assert.match(
    textOf(files, 'incidents/over-midnight.html'),
    /<del>11월 21일 \(토\) 22:06:21<\/del>[\s\S]{0,80}<ins>11월 21일 \(토\) 22:05:21<\/ins>/,
  )
  assert.match(textOf(files, 'en/incidents/over-midnight.html'), /<del>Sat,? 21 November 22:06:21<\/del>/)
  assert.match(textOf(files, 'index.html'), /시작 <time datetime="[^"]+">11월 21일 \(토\) 22:05:21<\/time>/)
})

test('[S6] the formula page explains each share in the words of the code', () => {
  const files = createRender(OPTIONS)(EXAMPLES.well(), false)
  for (const [path, language] of [
    ['uptime.html', 'ko'],
    ['en/uptime.html', 'en'],
  ] as const) {
    const page = textOf(files, path).replaceAll(/\s+/g, ' ')
    for (const source of ['incident', 'probes', 'reports'] as const) {
      for (const part of FORMULAS[source][language].split('. ')) assert.ok(page.includes(part), `${path}: ${part}`)
    }
  }
})
