import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncidentUpdate, MaintenanceUpdate } from '../vocabulary/incident.ts'
import { openingBody } from '../incident/templates.ts'
import { openIncident, planMaintenance } from '../incident/updates.ts'
import { confirmMail, knownMail, noticeMail, type Sender } from './mail-text.ts'

const sender: Sender = { name: '봉수', pageUrl: 'https://status.example.kr', contact: '02-000-0000', timeZone: 'Asia/Seoul' }
const leave = 'https://status.example.kr/unsubscribe?token=1.abc'
/** 10:54:09 in Seoul. */
const startedAt = Date.UTC(2026, 10, 22, 1, 54, 9)
const hits = [{ component: 'sign-in', condition: 'major_outage', profiles: ['pc'] }] as const
const share = { value: 0.078, low: 0.061, high: 0.097, affected: 328, total: 4_210, source: 'server', kind: 'affected' } as const

function updateOf(change: Partial<IncidentUpdate>): IncidentUpdate {
  const title = { ko: 'PC에서 로그인이 되지 않습니다', en: 'Signing in does not work on PCs' }
  const body = { ko: '확인하고 있습니다.', en: 'We look into it.' }
  const opening = { id: 'i1', title, body, hits, impact: 'major', startedAt, detectedAt: startedAt + 9_000, share } as const
  return { ...openIncident(opening, { kind: 'person', name: '김봉화' }, startedAt + 12_000), ...change }
}

function mailOf(update: IncidentUpdate, language: 'ko' | 'en' = 'ko', folds = 0) {
  return noticeMail([{ notice: { kind: 'incident', key: 'i1:1', update }, folds }], language, sender, leave)
}

test('[S8] a mail contains fact, cause, response and contact, the measured share, the times and the link', () => {
  const { subject, text, html } = mailOf(updateOf({}))
  assert.equal(subject, '[봉수] 조사 중: PC에서 로그인이 되지 않습니다')
  const lines = [
    '사실: PC에서 로그인이 되지 않습니다',
    '원인: 아직 밝혀지지 않았습니다.',
    '대응: 조사하고 있습니다.',
    '문의: 02-000-0000',
    '영향: 7.8% (6.1~9.7%) · 서버가 센 이용자',
    '다음 알림: 늦어도 11:09',
    '자세히: https://status.example.kr/incidents/i1.html',
    `그만 받기: ${leave}`,
  ]
  for (const line of lines) assert.ok(text.split('\n').includes(line), line)
  assert.match(text, /^시작: 2026년.*10:54:09$/m)
  assert.match(text, /^감지: 2026년.*10:54:18$/m)
  for (const part of ['PC에서 로그인이 되지 않습니다', '02-000-0000', '7.8%', 'https://status.example.kr/unsubscribe?token'])
    assert.ok(html.includes(part), part)
})

test('[S8] the sentinel’s own text is not repeated', () => {
  const parts = {
    hits,
    well: ['messaging'],
    share,
    beside: null,
    suspicion: 'unknown',
    spans: [{ from: startedAt, to: null }],
    detectedAt: startedAt + 9_000,
    saidAt: startedAt + 9_000,
    contact: sender.contact,
    timeZone: sender.timeZone,
  } as const
  for (const language of ['ko', 'en'] as const) {
    const { text } = mailOf(updateOf({ body: openingBody(parts) }), language)
    for (const word of language === 'ko' ? ['사실', '원인', '대응', '문의'] : ['What', 'Cause', 'Response', 'Contact'])
      assert.equal(text.split('\n').filter((line) => line.includes(`${word}:`)).length, 1, word)
  }
})

test('[S8] the mail about the end has time and duration, in the reader’s language', () => {
  const { subject, text } = mailOf(updateOf({ status: 'resolved', endedAt: startedAt + 86 * 60_000, nextUpdateAt: null }), 'en', 12)
  assert.equal(subject, '[봉수] Resolved: Signing in does not work on PCs')
  assert.match(text, /^Ended: .*12:20:09 \(1 h 26 min\)$/m)
  assert.match(text, /12 earlier notices/)
  assert.match(text, /^More: https:\/\/status\.example\.kr\/en\/incidents\/i1\.html$/m)
  assert.doesNotMatch(text, /Next word/)
})

test('[S8] a next update due after midnight is promised with its date', () => {
  /** 23:50 in Seoul. */
  const at = Date.UTC(2026, 10, 22, 14, 50)
  for (const [language, line] of [
    ['ko', /^다음 알림: 늦어도 11월 23일 \(월\) 00:05$/m],
    ['en', /^Next word: by Mon,? 23 November 00:05$/m],
  ] as const) {
    const { text } = mailOf(updateOf({ at, nextUpdateAt: at + 15 * 60_000 }), language)
    assert.match(text, line)
  }
})

test('[S8] a correction says what was wrong', () => {
  const { text } = mailOf(updateOf({ correction: { ko: '시작 시각을 잘못 알렸습니다.', en: 'The beginning was told wrong.' } }))
  assert.match(text, /^바로잡음: 시작 시각을 잘못 알렸습니다\.$/m)
})

test('[S8] title and body are text and never markup', () => {
  const evil = '<img src=x onerror=alert(1)>&"\''
  const { html } = mailOf(updateOf({ title: { ko: evil, en: evil }, body: { ko: `${evil}\n<script>x</script>`, en: evil } }))
  assert.doesNotMatch(html, /<img|<script/)
  assert.match(html, /&#60;img src&#61;x onerror&#61;alert\(1\)&#62;&#38;/)
})

test('[S8] several notices in one mail follow one another', () => {
  const told = [updateOf({}), updateOf({ incidentId: 'i2', title: { ko: '앱이 열리지 않습니다', en: 'The app does not load' } })].map((update) => ({
    notice: { kind: 'incident', key: `${update.incidentId}:1`, update } as const,
    folds: 0,
  }))
  const { subject, text } = noticeMail(told, 'ko', sender, leave)
  assert.equal(subject, '[봉수] 소식 2건: 조사 중: PC에서 로그인이 되지 않습니다')
  assert.match(text, /incidents\/i1\.html[\s\S]*\* \* \*[\s\S]*앱이 열리지 않습니다[\s\S]*incidents\/i2\.html/)
  assert.equal(text.split(leave).length, 2, 'one link to leave')
})

test('[S8] a maintenance mail has its hours in the time zone of the page', () => {
  const planned: MaintenanceUpdate = planMaintenance(
    {
      maintenanceId: 'm1',
      title: { ko: '데이터베이스 교체', en: 'New database' },
      body: { ko: '1분쯤 멈춥니다.', en: 'A pause of a minute.' },
      components: ['messaging'],
      scheduledFor: Date.UTC(2026, 10, 24, 18, 0),
      scheduledUntil: Date.UTC(2026, 10, 24, 19, 30),
    },
    { kind: 'person', name: '김봉화' },
    startedAt,
  )
  const { subject, text } = noticeMail([{ notice: { kind: 'maintenance', key: 'm1:1', update: planned }, folds: 0 }], 'ko', sender, leave)
  assert.equal(subject, '[봉수] 점검 예정: 데이터베이스 교체')
  assert.match(text, /^시간: 11월 25일 \(수\) 03:00 – 04:30$/m)
  assert.match(text, /^자세히: https:\/\/status\.example\.kr\/history\.html#maintenance-m1$/m)
})

test('[S8] the confirmation letter has one link with its expiry, and no unsubscribe link', () => {
  for (const language of ['ko', 'en'] as const) {
    const { text, html } = confirmMail(language, sender, 'https://status.example.kr/subscribe/confirm?token=t')
    assert.match(text, /confirm\?token=t/)
    assert.match(text, /24/)
    assert.doesNotMatch(`${text}${html}`, /unsubscribe/)
    assert.match(knownMail(language, sender, leave).text, /unsubscribe\?token=1\.abc/)
  }
})
