import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId } from '@bongsu/protocol'
import { cutText } from '../../text/cut-text.ts'
import { firstOf, piecesOf } from './pieces.ts'

const kim = 'kim' as AccountId

test('[WEB] a mention is one piece, and links are found around it', () => {
  const text = '@김서연 example.com 보세요 @모두'
  const pieces = piecesOf(text, [
    { who: kim, at: 0, length: 4 },
    { who: 'everyone', at: text.indexOf('@모두'), length: 3 },
  ])
  assert.deepEqual(
    pieces.map(({ text: written, href, who }) => [written, href, who]),
    [
      ['@김서연', null, kim],
      [' ', null, null],
      ['example.com', 'https://example.com/', null],
      [' 보세요 ', null, null],
      ['@모두', null, 'everyone'],
    ],
  )
})

test('[WEB] mentions that overlap or reach beyond the text change nothing of what is shown', () => {
  const wrong = [
    { who: kim, at: 0, length: 3 },
    { who: kim, at: 2, length: 2 },
    { who: kim, at: 4, length: 0 },
    { who: kim, at: 4, length: 9 },
  ]
  assert.equal(
    piecesOf('@가나 다라', wrong)
      .map((piece) => piece.text)
      .join(''),
    '@가나 다라',
  )
})

test('[TEXT] a folded text never leads to another host than the whole text', () => {
  const text = `${'가'.repeat(585)} https://bank.example.com.my-town.kr/login ${'나'.repeat(300)}`
  const short = cutText(text)
  assert.ok(short !== null)
  const pieces = firstOf(piecesOf(text, []), short.length)
  assert.equal(pieces.map((piece) => piece.text).join(''), short)
  assert.deepEqual(
    pieces.flatMap(({ href }) => (href === null ? [] : [href])),
    ['https://bank.example.com.my-town.kr/login'],
  )
})
