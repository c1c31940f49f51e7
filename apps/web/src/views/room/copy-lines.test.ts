import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyLines } from './copy-lines.ts'

const said = (author: string, text: string) => ({ author, body: { kind: 'text', text } as const, time: 5 })
const copy = (messages: Parameters<typeof copyLines>[0]) =>
  copyLines(
    messages,
    (author) => author.toUpperCase(),
    (time) => `${time}시`,
  )

test('[WEB] several messages are copied as lines of name, time and text', () => {
  assert.equal(copy([said('kim', '안녕'), said('lee', '네\n두 줄')]), 'KIM, 5시: 안녕\nLEE, 5시: 네\n두 줄')
})

test('[WEB] one message is copied as its text', () => {
  assert.equal(copy([said('kim', '안녕')]), '안녕')
})

test('[WEB] what was erased is not copied', () => {
  assert.equal(copy([said('kim', '안녕'), { author: 'lee', body: { kind: 'erased' }, time: 5 }, said('lee', '네')]), 'KIM, 5시: 안녕\nLEE, 5시: 네')
  assert.equal(copy([{ author: 'lee', body: { kind: 'erased' }, time: 5 }]), '')
})
