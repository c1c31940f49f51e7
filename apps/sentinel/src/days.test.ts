import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayBefore, dayOf, startOf } from './days.ts'

test('a day starts at midnight in the time zone of the page', () => {
  assert.equal(startOf('2024-07-18', 'Asia/Seoul'), Date.parse('2024-07-18T00:00:00+09:00'))
  assert.equal(dayOf(Date.parse('2024-07-17T15:00:00Z'), 'Asia/Seoul'), '2024-07-18')
  assert.equal(dayOf(Date.parse('2024-07-17T14:59:59.999Z'), 'Asia/Seoul'), '2024-07-17')
  assert.equal(dayBefore('2024-03-01', 1), '2024-02-29')
  assert.equal(dayBefore('2026-11-22', 89), '2026-08-25')
})

test('days of 23 and 25 hours start at the right time', () => {
  const hours = (day: string): number => (startOf(dayBefore(day, -1), 'Europe/Berlin') - startOf(day, 'Europe/Berlin')) / 3_600_000
  assert.equal(hours('2026-03-29'), 23)
  assert.equal(hours('2026-10-25'), 25)
  assert.equal(startOf('2026-01-01', 'Pacific/Kiritimati'), Date.parse('2025-12-31T10:00:00Z'))
  assert.equal(startOf('2026-01-01', 'Pacific/Pago_Pago'), Date.parse('2026-01-01T11:00:00Z'))
})
