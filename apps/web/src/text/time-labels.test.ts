import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockLabel, dateLabel, dayKey, dayLabel, listLabel } from './time-labels.ts'

const now = new Date(2024, 6, 18, 12, 0).getTime()
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime()
// Newer ICU data puts a narrow no-break space before AM.
const plain = (text: string) => text.replaceAll('\u202f', ' ')

test('[TEXT] the chat list says the clock today, 어제, the day this year, the date before', () => {
  assert.equal(listLabel(at(2024, 6, 18, 11, 42), now, 'ko'), '오전 11:42')
  assert.equal(listLabel(at(2024, 6, 18, 0, 0), now, 'ko'), '오전 12:00')
  assert.equal(listLabel(at(2024, 6, 17, 23, 59), now, 'ko'), '어제')
  assert.equal(listLabel(at(2024, 6, 16, 23, 59), now, 'ko'), '7월 16일')
  assert.equal(listLabel(at(2023, 11, 31, 8, 0), now, 'ko'), '2023. 12. 31.')
  assert.equal(plain(listLabel(at(2024, 6, 18, 11, 42), now, 'en')), '11:42 AM')
  assert.equal(listLabel(at(2024, 6, 17, 11, 42), now, 'en'), 'Yesterday')
  assert.equal(listLabel(at(2023, 11, 31, 8, 0), now, 'en'), 'Dec 31, 2023')
})

test('[TEXT] on the first of January yesterday is still 어제', () => {
  assert.equal(listLabel(at(2023, 11, 31, 23, 0), at(2024, 0, 1, 1, 0), 'ko'), '어제')
})

test('[TEXT] the day separator names day and weekday', () => {
  assert.equal(dayLabel(now, 'ko'), '2024년 7월 18일 목요일')
  assert.equal(plain(clockLabel(at(2024, 6, 18, 13, 5), 'ko')), '오후 1:05')
})

test('[TEXT] a date within a sentence is in words, with its year when it is another', () => {
  assert.equal(dateLabel(at(2024, 11, 6), now, 'ko'), '12월 6일')
  assert.equal(dateLabel(at(2023, 11, 31), now, 'ko'), '2023년 12월 31일')
  assert.equal(dateLabel(at(2024, 11, 6), now, 'en'), 'December 6')
  assert.equal(dateLabel(at(2025, 0, 1), now, 'en'), 'January 1, 2025')
})

test('[TEXT] a day begins at midnight of the device', () => {
  assert.notEqual(dayKey(at(2024, 6, 17, 23, 59)), dayKey(at(2024, 6, 18, 0, 0)))
  assert.equal(dayKey(at(2024, 6, 18, 0, 0)), dayKey(at(2024, 6, 18, 23, 59)))
})
