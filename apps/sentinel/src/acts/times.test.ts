import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime, parseTime } from './typed.ts'

const seoul = 'Asia/Seoul'
/** 2024-07-18 11:26:00 in Seoul. */
const now = Date.UTC(2024, 6, 18, 2, 26)
const at = (text: string, toward: 'past' | 'future' = 'past', zone = seoul): string | null => {
  const time = parseTime(text, zone, now, toward)
  return time === null ? null : new Date(time).toISOString()
}

test('[S3] a bare clock time is the last such time, or the next one, in the time zone of the page', () => {
  assert.equal(at('10:54'), '2024-07-18T01:54:00.000Z')
  assert.equal(at('11:26'), '2024-07-18T02:26:00.000Z')
  assert.equal(at('11:27'), '2024-07-17T02:27:00.000Z')
  assert.equal(at('8:05:09'), '2024-07-17T23:05:09.000Z')
  assert.equal(at('10:54', 'future'), '2024-07-19T01:54:00.000Z')
  assert.equal(at('11:26', 'future'), '2024-07-18T02:26:00.000Z')
  assert.equal(at('04:00', 'future'), '2024-07-18T19:00:00.000Z')
  assert.equal(at('now'), '2024-07-18T02:26:00.000Z')
})

test('[S3] dates are in the page’s time zone, offsets are respected, and both sides of a clock change work', () => {
  assert.equal(at('2024-07-18 10:54'), '2024-07-18T01:54:00.000Z')
  assert.equal(at('2024-07-18T10:54:30'), '2024-07-18T01:54:30.000Z')
  assert.equal(at('2024-07-18'), '2024-07-17T15:00:00.000Z')
  assert.equal(at('2024-07-18T10:54:00+09:00'), '2024-07-18T01:54:00.000Z')
  assert.equal(at('2024-07-18T01:54Z'), '2024-07-18T01:54:00.000Z')
  // New York: clocks went forward on 2024-03-10 at 2:00, back on 2024-11-03 at 2:00.
  assert.equal(at('2024-03-10 01:59', 'past', 'America/New_York'), '2024-03-10T06:59:00.000Z')
  assert.equal(at('2024-03-10 03:00', 'past', 'America/New_York'), '2024-03-10T07:00:00.000Z')
  assert.equal(at('2024-11-03 03:00', 'past', 'America/New_York'), '2024-11-03T08:00:00.000Z')
})

test('[S3] invalid times are refused, days that do not exist included', () => {
  for (const text of [
    '',
    '25:00',
    '10:60',
    '24:00',
    'yesterday',
    '10',
    '2024-02-30',
    '2024-02-30 10:00',
    '2024-13-01',
    '18.7.2024',
    '10:54 PM',
    '2024-02-30T10:00:00Z',
  ])
    assert.equal(at(text), null, text)
  assert.equal(at('2024-02-29'), '2024-02-28T15:00:00.000Z')
})

test('[S3] times are shown as people write them', () => {
  assert.equal(formatTime(now, seoul), '2024-07-18 11:26:00')
  assert.equal(formatTime(now, 'America/New_York'), '2024-07-17 22:26:00')
})
