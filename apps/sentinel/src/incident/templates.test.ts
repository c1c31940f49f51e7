import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Trouble } from '../vocabulary/incident.ts'
import { againBody, keptBody, openingBody, resolvedBody, shareBody } from './templates.ts'

/** 2026-12-31 23:58:01 in Seoul, 14:58:01 in London. */
const LATE = Date.UTC(2026, 11, 31, 14, 58, 1)
const MINUTE = 60_000
const parts = {
  hits: [{ component: 'messaging', condition: 'major_outage', profiles: ['pc', 'phone'] }],
  well: [],
  unseen: [],
  share: null,
  beside: null,
  suspicion: 'unknown',
  spans: [{ from: LATE, to: null }],
  detectedAt: LATE + 9_000,
  saidAt: LATE + 9_000,
  contact: '',
  timeZone: 'Asia/Seoul',
} as const

test('[S1] a time on the day of the statement has no date', () => {
  const { ko, en } = openingBody(parts)
  assert.match(ko, /받을 수 없습니다\. 23:58:01에 시작되었습니다\./)
  assert.match(ko, /자동 관측이 23:58:10에 알아챘습니다\./)
  assert.match(en, /Since 23:58:01\./)
  assert.match(en, /monitoring at 23:58:10\./)
  assert.doesNotMatch(ko + en, /12월|December|2026/)
})

test('[S9] a share below a tenth of a percent is never written as 0 %', () => {
  const share = { kind: 'affected', source: 'server', value: 0.0008, low: 0.0004, high: 0.002, affected: 8, total: 10_000 } as const
  assert.equal(shareBody({ share, beside: null, hits: [] }).en, 'Measured again. <0.1% of active people are affected (<0.1%–0.2%).')
})

test('[S1] a time on another day in the page’s zone has its date, and in another year its year', () => {
  const later = { ...parts, saidAt: LATE + 5 * MINUTE }
  const opened = againBody(later)
  assert.match(opened.ko, /2026년 12월 31일 23:58:01에 시작되었습니다\..*\n.*\n.*2026년 12월 31일 23:58:10에 알아챘습니다/)
  assert.match(opened.en, /Since 23:58:01 on 31 December 2026\.[^]*monitoring at 23:58:10 on 31 December 2026\./)
  const { ko, en } = resolvedBody({ ...later, spans: [{ from: LATE, to: LATE + 4 * MINUTE }] })
  assert.match(ko, /2026년 12월 31일 23:58:01부터 00:02:01까지 4분 이어졌습니다\./)
  assert.match(en, /It lasted 4 minutes, from 23:58:01 on 31 December 2026 to 00:02:01\./)
  assert.match(
    resolvedBody({ ...later, spans: [{ from: LATE, to: LATE + 4 * MINUTE }], timeZone: 'Europe/London' }).ko,
    /정상입니다\. 14:58:01부터 15:02:01까지/,
  )
})

test('[S1] within the same year the date has no year', () => {
  const at = Date.UTC(2026, 2, 3, 1, 2, 3)
  const { ko, en } = resolvedBody({ ...parts, spans: [{ from: at, to: at + MINUTE }], saidAt: at + 40 * 86_400_000 })
  assert.match(ko, /정상입니다\. 3월 3일 10:02:03부터 3월 3일 10:03:03까지/)
  assert.match(en, /from 10:02:03 on 3 March to 10:03:03 on 3 March\./)
})

test('[S1] the end of what could not be reached from here, or of a silence without a share, claims no repair', () => {
  const ended = (...troubles: readonly Trouble[]) =>
    resolvedBody({ ...parts, hits: troubles.map((trouble) => ({ component: 'messaging', condition: 'partial_outage', profiles: [], trouble })) })
  for (const [{ ko, en }, koStart, enStart] of [
    [ended('from-here'), '■ 사실: 저희 관측소에서 다시 메신저에 닿습니다.', '■ What: Our monitoring can reach the messenger again.'],
    [ended('silent'), '■ 사실: 지켜보는 동안 메신저는 정상이었습니다.', '■ What: The messenger worked all the time we watched.'],
    [ended('failing', 'silent'), '■ 사실: 다시 정상입니다.', '■ What: Everything works again.'],
  ] as const) {
    assert.ok(ko.startsWith(koStart), ko)
    assert.ok(en.startsWith(enStart), en)
  }
  assert.match(ended('from-here').ko, /메신저의 문제라는 증거는 나오지 않았습니다/)
})

test('[S1] a statement repeated on another day has its original time', () => {
  const last = { body: openingBody(parts), at: LATE + 9_000 }
  const said = (saidAt: number) => keptBody(last, { saidAt, timeZone: 'Asia/Seoul' })
  assert.match(said(LATE + MINUTE).ko, /마지막으로 알려 드린 내용: ■ 사실/)
  const { ko, en } = said(LATE + 15 * MINUTE)
  assert.match(ko, /마지막으로 알려 드린 내용\(2026년 12월 31일 23:58:10\): ■ 사실/)
  assert.match(en, /Their last update \(23:58:10 on 31 December 2026\): ■ What/)
})
