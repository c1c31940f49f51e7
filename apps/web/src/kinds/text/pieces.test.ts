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

test('[C12] a folded text shows a link as a whole or not at all', () => {
  const address = 'https://bank.example.com.my-town.kr/login'
  const text = `${'가'.repeat(585)} ${address} ${'나'.repeat(300)}`
  const short = cutText(text)
  assert.ok(short !== null)
  const shown = (written: string, units: number) => firstOf(piecesOf(written, []), units).map((piece) => [piece.text, piece.href])
  assert.deepEqual(shown(text, short.length), [[`${'가'.repeat(585)} `, null]])
  assert.deepEqual(shown(text, 586 + address.length).at(-1), [address, address])
  assert.deepEqual(shown(address, 14), [[address, address]])
  assert.deepEqual(shown('가😀', 2), [['가', null]])
})

test('[C12] a mention does not cut a link', () => {
  assert.deepEqual(piecesOf('https://bank.kr/@김서연', [{ who: kim, at: 16, length: 4 }]), [
    { text: 'https://bank.kr/@김서연', href: 'https://bank.kr/@%EA%B9%80%EC%84%9C%EC%97%B0', shown: 'https://bank.kr/@김서연', who: null },
  ])
})
