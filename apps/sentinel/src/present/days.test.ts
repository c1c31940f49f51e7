import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCalendar } from './days.ts'

test('a day starts at midnight in the time zone of the page', () => {
  const seoul = createCalendar('Asia/Seoul')
  assert.equal(seoul.startOf('2024-07-18'), Date.parse('2024-07-18T00:00:00+09:00'))
  assert.equal(seoul.dayOf(Date.parse('2024-07-17T15:00:00Z')), '2024-07-18')
  assert.equal(seoul.dayOf(Date.parse('2024-07-17T14:59:59.999Z')), '2024-07-17')
  assert.equal(seoul.before('2024-03-01', 1), '2024-02-29')
  assert.equal(seoul.before('2026-11-22', 89), '2026-08-25')
})

test('days of 23 and 25 hours start at the right time', () => {
  const berlin = createCalendar('Europe/Berlin')
  const hours = (day: string, next: string) => (berlin.startOf(next) - berlin.startOf(day)) / 3_600_000
  assert.equal(hours('2026-03-29', '2026-03-30'), 23)
  assert.equal(hours('2026-10-25', '2026-10-26'), 25)
  assert.equal(createCalendar('Pacific/Kiritimati').startOf('2026-01-01'), Date.parse('2025-12-31T10:00:00Z'))
  assert.equal(createCalendar('Pacific/Pago_Pago').startOf('2026-01-01'), Date.parse('2026-01-01T11:00:00Z'))
})
