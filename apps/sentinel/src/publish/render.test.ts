import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusDocumentSchema } from '@bongsu/protocol/schemas'
import { Check, Clean } from 'typebox/value'
import type { Incident } from '../vocabulary/incident.ts'
import { FORMULAS } from '../judge/share.ts'
import { EXAMPLES, exampleIncident, exampleMaintenance, exampleSnapshot, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { createRender, type Files } from './render.ts'
import type { Snapshot } from '../present/snapshot.ts'

const OPTIONS = { subscribeUrl: '/subscribe', apiLanguage: 'ko' } as const

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
  const files = createRender({ ...OPTIONS, subscribeUrl: `/x"><script>` })(hostile(), false)
  let pages = 0
  for (const [path, { body, type }] of files) {
    if (!type.startsWith('text/html')) continue
    pages += 1
    const html = decoder.decode(body)
    const scripts = html.match(/<script[^>]*>/gi) ?? []
    assert.ok(
      scripts.every((tag) => /^<script src="(?:\.\.\/)*status\.js">$/.test(tag)),
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
      if (url.protocol !== 'https:' || link.startsWith('#') || /live-\d+\.css$/.test(link)) continue
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
    assert.match(textOf(files, 'index.html'), /지금 어떤지 저희도 모릅니다/)
    assert.match(textOf(files, 'en/index.html'), /We do not know how it is now/)
    const status = JSON.parse(textOf(files, 'status.json')) as { components: { condition: string }[] }
    assert.ok(status.components.every(({ condition }) => condition === 'unknown'))
    const api = JSON.parse(textOf(files, 'api/v2/summary.json')) as { status: { indicator: string }; components: { status: string }[] }
    assert.notEqual(api.status.indicator, 'none')
    assert.ok(api.components.every(({ status: each }) => each !== 'operational'))
  }
})

test('[S15] every page and document of the present has its time of measuring and its expiry', () => {
  const files = createRender(OPTIONS)(EXAMPLES.well(), false)
  for (const path of ['index.html', 'en/index.html']) {
    const html = textOf(files, path)
    assert.match(html, new RegExp(`data-measured-at="${NOW - 1_000}" data-expires-at="${NOW + 29_000}"`))
    const without = /<noscript>(.*?)<\/noscript>/.exec(html)?.[1] ?? ''
    assert.match(without, /<meta http-equiv="refresh" content="15" \/>/)
    assert.match(without, new RegExp(`<link rel="stylesheet" href="(?:\\.\\./)?live-${NOW - 1_000}\\.css" />`))
    assert.doesNotMatch(/<title>(.*?)<\/title>/.exec(html)?.[1] ?? '', /잘 되고|working/)
  }
  assert.match(textOf(files, 'index.html'), /2026년 11월 22일 \(일\) 11:06:20 측정/)
  assert.match(textOf(files, 'index.html'), /관측소 3곳/)
  const { measuredAt, staleAfterMs } = JSON.parse(textOf(files, 'status.json')) as { measuredAt: number; staleAfterMs: number }
  assert.deepEqual([measuredAt, staleAfterMs], [NOW - 1_000, 30_000])
})

test('[S17] an outage page has the sentence, then the share with its interval and basis, then what to do, and the next word', () => {
  for (const [path, words] of [
    [
      'index.html',
      [
        '장애 · 12분째',
        'PC에서 로그인이 되지 않습니다.',
        '7.8%',
        '328명 · 95% 구간 6.9~8.7%',
        '3,882명',
        '서버가 센 이용자 328 / 4,210',
        '이렇게 하세요',
        '됩니다',
        '안 됩니다',
        '11:20',
      ],
    ],
    [
      'en/index.html',
      [
        'Down · for 12 min',
        'Signing in does not work on PCs.',
        '7.8%',
        '328 people · 95% interval 6.9–8.7%',
        '3,882 people',
        'What to do',
        'Works',
        'Does not work',
        '11:20',
      ],
    ],
  ] as const) {
    const text = textOf(createRender(OPTIONS)(EXAMPLES.signIn(), false), path)
      .replaceAll(/<[^>]+>|\s+/g, ' ')
      .replaceAll('\u2060', '')
      .replaceAll(/ +/g, ' ')
    let at = 0
    for (const each of words) {
      const next = text.indexOf(each, at)
      assert.ok(next >= 0, `${each} after ${text.slice(at, at + 60)}`)
      at = next
    }
  }
})

test('[S17] whoever is not heard from, and whoever fell silent together, is told apart from whoever is cut off', () => {
  const quiet = EXAMPLES.signIn()
  const snapshot = { ...quiet, components: quiet.components.map((state) => ({ ...state, judgement: { ...state.judgement, unheard: 340 } })) }
  const html = textOf(createRender(OPTIONS)(snapshot, false), 'index.html')
  assert.match(html, /<dt>소식 없음<\/dt>\s*<dd>\s*<b>340명<\/b/)
  assert.match(html, /<rect class="cut" x="0\.20%" y="14" width="6\.81%"/, 'cut off: 328 of 4,210 and 340 people')
  const [open] = quiet.open
  assert.ok(open?.share)
  const silent = { ...open, share: { ...open.share, kind: 'silent' as const } }
  const told = textOf(createRender(OPTIONS)({ ...quiet, open: [silent], incidents: [silent] }, false), 'index.html')
  assert.match(told, /<dt>한꺼번에 끊김<\/dt>/)
  assert.doesNotMatch(told, /<dt>끊김<\/dt>|class="cut" x/)
})

test('[S17] repeated measurements fold into one line with their range, and each can be unfolded', () => {
  const base = EXAMPLES.signIn().open[0] ?? assert.fail()
  const again = (index: number, value: number): Incident['updates'][number] => ({
    ...(base.updates.at(-1) as Incident['updates'][number]),
    number: base.updates.length + 1 + index,
    at: NOW - 50_000 + index * 10_000,
    by: { kind: 'auto' },
    body: { ko: `다시 재었습니다 ${index}.`, en: `Measured again ${index}.` },
    share: { kind: 'affected', source: 'server', value, low: value, high: value, affected: 1, total: 10 },
  })
  const folded = (values: readonly number[]): string => {
    const incident = { ...base, updates: [...base.updates, ...values.map((value, index) => again(index, value))] }
    const html = textOf(createRender(OPTIONS)({ ...EXAMPLES.signIn(), open: [incident], incidents: [incident] }, false), 'index.html')
    assert.equal(html.match(/<li class="fold">/g)?.length ?? 0, 1)
    for (const index of values.keys()) assert.ok(html.includes(`다시 재었습니다 ${index}.`))
    return (
      /<li class="fold">[\s\S]*?<summary>([\s\S]*?)<\/summary>/
        .exec(html)?.[1]
        ?.replaceAll(/<[^>]+>|\s+/g, ' ')
        .trim() ?? ''
    )
  }
  assert.equal(folded([0.075, 0.101, 0.09]), '다시 측정 3번 · 7.5~10.1%')
  assert.equal(folded([0.075, 0.0751]), '다시 측정 2번 · 7.5%', 'a range of one value is one value')
})

test('[S16] an incident that returned lists its spans and claims no time between them', () => {
  const past = EXAMPLES.well().incidents[0] ?? assert.fail()
  const at = past.startedAt
  const spans = [
    { from: at, to: at + 45_000 },
    { from: at + 195_000, to: at + 240_000 },
  ]
  const incident = { ...past, detectedAt: at + 400, endedAt: at + 240_000, spans }
  const html = textOf(createRender(OPTIONS)({ ...EXAMPLES.well(), incidents: [incident] }, false), `incidents/${past.incidentId}.html`)
  const facts =
    /<dl class="facts">([\s\S]*?)<\/dl>/
      .exec(html)?.[1]
      ?.replaceAll(/<[^>]+>|\s+/g, ' ')
      .replaceAll(/ +/g, ' ') ?? ''
  assert.match(facts, /걸린 시간 1분 30초/)
  assert.match(facts, /10:08:21 – 10:09:06 11월 13일 \(금\) 10:11:36 – 10:12:21/)
  assert.match(facts, /감지까지 곧바로/, 'never 0 s')
})

test('status.json follows the protocol in every state', () => {
  for (const [name, example] of Object.entries(EXAMPLES)) {
    const document: unknown = JSON.parse(textOf(createRender(OPTIONS)(example(), name === 'stale'), 'status.json'))
    assert.ok(Check(StatusDocumentSchema, document), name)
    assert.deepEqual(Clean(StatusDocumentSchema, structuredClone(document)), document, `${name}: nothing besides`)
  }
})

test('the e-mail form is shown only when it works', () => {
  const off = textOf(createRender({ ...OPTIONS, subscribeUrl: null })(EXAMPLES.well(), false), 'index.html')
  assert.doesNotMatch(off, /<form/)
  const on = textOf(createRender(OPTIONS)(EXAMPLES.well(), false), 'index.html')
  assert.match(on, /<form class="subscribe" method="post" action="\/subscribe"/)
})

test('[S3] a record that cannot be written is mentioned on the first page in both languages', () => {
  const pagesOf = (record: Snapshot['record']): readonly string[] => {
    const files = createRender(OPTIONS)({ ...EXAMPLES.well(), record }, false)
    return ['index.html', 'en/index.html'].map((path) => textOf(files, path))
  }
  const [ko = '', en = ''] = pagesOf('unwritten')
  assert.match(ko, /<p[^>]* id="record">지금은 디스크에 기록을 쓸 수 없습니다\./)
  assert.match(en, /<p[^>]* id="record">The record cannot be written to the disk at the moment\./)
  assert.doesNotMatch(ko + en, /지난 기록도|cannot be read now/)
  for (const page of pagesOf('written')) assert.doesNotMatch(page, /id="record"/)
})

test('[O19] settings that could lose messages are one quiet line, which changes nothing else, and is gone with them and on an old page', () => {
  const render = createRender(OPTIONS)
  const told = /<div class="present"><p[^>]* id="caution">([^<]+)<\/p><\/div><div class="unconfirmed"><\/div>/
  const [well, unsafe] = [render(EXAMPLES.well(), false), render(EXAMPLES.unsafe(), false)]
  const caution = ['index.html', 'en/index.html'].map((path) => told.exec(textOf(unsafe, path))?.[1] ?? assert.fail(path))
  for (const sentence of caution) assert.doesNotMatch(sentence, /postgres|fsync|synchronous|\d/i)
  const status = JSON.parse(textOf(unsafe, 'status.json')) as Record<string, unknown>
  assert.deepEqual(status['caution'], { ko: caution[0], en: caution[1] })
  const summary = JSON.parse(textOf(unsafe, 'api/v2/summary.json')) as { page: Record<string, unknown> }
  assert.equal(summary.page['caution'], caution[0])
  // Without the line, every document is that of a good day.
  const rest = (text: string): string => text.replace(told, '').replaceAll(/"caution":(?:null|"[^"]*"|\{[^}]*\}),?/g, '')
  for (const path of well.keys()) if (!path.startsWith('font/')) assert.equal(rest(textOf(unsafe, path)), rest(textOf(well, path)), path)
  for (const files of [well, render(EXAMPLES.unsafe(), true)])
    for (const path of ['index.html', 'status.json', 'api/v2/summary.json']) assert.doesNotMatch(textOf(files, path), /id="caution"|"caution":["{]/)
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
  assert.match(textOf(files, 'incidents/over-midnight.html'), /<time datetime="[^"]+">11월 21일 \(토\) 22:05:21<\/time>부터/)
})

test('[S6] the formula page explains each share in the words of the code', () => {
  const files = createRender(OPTIONS)(EXAMPLES.well(), false)
  for (const [path, language] of [
    ['uptime.html', 'ko'],
    ['en/uptime.html', 'en'],
  ] as const) {
    const page = textOf(files, path).replaceAll(/\s+/g, ' ')
    for (const source of ['incident', 'tries', 'server', 'devices', 'silent', 'reports'] as const) {
      for (const part of FORMULAS[source][language].split('. ')) assert.ok(page.includes(part), `${path}: ${part}`)
    }
  }
})
