import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agoOf, calendarOf, durationOf, finePercentOf, intervalOf, latencyOf, minutesOf, percentOf } from './numbers.ts'

test('[S6] a small share is never written as 0 %, and not quite everything never as 100 %', () => {
  assert.deepEqual([0, 0.0004, 0.001, 0.078, 0.0812, 0.5, 0.9994, 0.9996, 1].map(percentOf), [
    '0%',
    '<0.1%',
    '0.1%',
    '7.8%',
    '8.1%',
    '50.0%',
    '99.9%',
    '100%',
    '100%',
  ])
  assert.deepEqual([0, 0.000_004, 0.000_005, 0.000_31, 1].map(finePercentOf), ['0.000%', '<0.001%', '0.001%', '0.031%', '100.000%'])
  assert.equal(intervalOf(0.061, 0.097, 'ko'), '6.1~9.7%')
  assert.equal(intervalOf(0.0004, 0.02, 'ko'), '<0.1~2.0%')
  assert.equal(intervalOf(0, 0.0004, 'ko'), '0.0~<0.1%')
  assert.equal(intervalOf(0.061, 0.097, 'en'), '6.1–9.7%')
})

test('durations are written in their two largest units', () => {
  const minutes = (count: number): number => count * 60_000
  assert.deepEqual(
    [0, 9_000, 59_499, 59_500, minutes(1), minutes(3) + 21_000, minutes(12), minutes(86), minutes(120), minutes(127 * 60 + 33)].map((ms) =>
      durationOf(ms, 'ko'),
    ),
    ['0초', '9초', '59초', '1분', '1분', '3분 21초', '12분', '1시간 26분', '2시간', '5일 7시간'],
  )
  assert.equal(durationOf(minutes(86), 'en'), '1 h 26 min')
  assert.equal(durationOf(-5_000, 'en'), '0 s')
  assert.deepEqual(
    [0, 0.5, 4, 12.4, 999.4, 1_440].map((count) => minutesOf(count, 'ko')),
    ['0분', '0.5분', '4분', '12분', '999분', '1,440분'],
  )
  assert.deepEqual(
    [48.4, 999, 1_000, 5_230].map((ms) => latencyOf(ms, 'ko')),
    ['48 ms', '999 ms', '1.0초', '5.2초'],
  )
})

test('[TEXT] an age under a second is "just now"', () => {
  assert.deepEqual(
    [0, 999, 1_000, 61_000].map((ms) => agoOf(ms, 'ko')),
    ['방금', '방금', '1초 전', '1분 전'],
  )
  assert.deepEqual(
    [0, 999, 1_000, 61_000].map((ms) => agoOf(ms, 'en')),
    ['just now', 'just now', '1 s ago', '1 min ago'],
  )
})

test('times are in the time zone of the page, whatever the machine’s time zone', () => {
  const at = Date.UTC(2026, 10, 21, 16, 4, 5)
  const seoul = calendarOf('Asia/Seoul', 'ko')
  assert.equal(seoul.second(at), '01:04:05')
  assert.equal(seoul.isoDay(at), '2026-11-22')
  assert.match(seoul.moment(at), /^11월 22일 \(일\) 01:04$/)
  assert.match(seoul.exact(at), /^2026년 11월 22일 \(일\) 01:04:05$/)
  assert.equal(seoul.near(at, at + 60_000), '01:04')
  assert.match(seoul.near(at, at + 86_400_000), /^11월 22일 \(일\) 01:04$/)
  assert.equal(seoul.dayName('2026-11-22'), '11월 22일 (일)')
  assert.equal(seoul.zone, 'Asia/Seoul (GMT+9)')
  assert.equal(calendarOf('America/New_York', 'en').isoDay(at), '2026-11-21')
  assert.match(calendarOf('America/New_York', 'en').moment(at), /^Sat.* 21 November 11:04$/)
})
