import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from './limits.ts'
import { countCodePoints, faultInName, faultInText, faultInTitle, isVisible } from './text.ts'

const MAX = LIMITS.textCodePointsMax
const nameFault = (name: string) => faultInName(name, LIMITS.displayNameCodePointsMax)

test('[W1] a text may have at most 10,000 code points', () => {
  assert.equal(faultInText('가'.repeat(MAX), MAX), null)
  assert.equal(faultInText('가'.repeat(MAX + 1), MAX), 'text-too-long')
})

test('[W1] a surrogate pair counts as one code point', () => {
  assert.equal('🔥'.repeat(MAX).length, 2 * MAX)
  assert.equal(faultInText('🔥'.repeat(MAX), MAX), null)
  assert.equal(faultInText('🔥'.repeat(MAX) + 'a', MAX), 'text-too-long')
})

test('[W1] code points are counted, not visible characters', () => {
  assert.equal(countCodePoints('👨‍👩‍👧‍👦'), 7)
  assert.equal(countCodePoints('한'), 1)
  assert.equal(countCodePoints('한'.normalize('NFD')), 3)
  assert.equal(countCodePoints('🇰🇷'), 2)
  assert.equal(countCodePoints(''), 0)
  for (const text of ['봉수 🔥', 'e\u0301', 'שלום', '𠀀𠀁']) assert.equal(countCodePoints(text), Array.from(text).length)
})

test('[W1] NUL is refused at every place', () => {
  for (const text of ['\0', 'a\0', '\0a', 'a\0b', '\0'.repeat(MAX + 1)]) assert.equal(faultInText(text, MAX), 'text-malformed')
})

test('[W1] a lone surrogate is refused, high or low, at either end or in reverse order', () => {
  for (const text of ['\ud83d', '\udd25', 'a\ud83d', '\udd25a', '\udd25\ud83d', 'a\ud83db']) assert.equal(faultInText(text, MAX), 'text-malformed')
})

test('[W1] a text of white space alone is empty, and white space around a text is kept', () => {
  for (const text of ['', ' ', '\n', '\t \r\n', '\u3000', '\u00a0\ufeff']) assert.equal(faultInText(text, MAX), 'text-empty')
  assert.equal(faultInText('  들여쓰기\n', MAX), null)
})

test('[W7] a text, a title and a name in which nothing can be seen are empty', () => {
  const unseen = [
    ' ',
    '\u3164',
    '\u200B',
    '\u2800',
    '\u0301',
    '\u115F\u1160',
    '\uFFA0',
    '\u00AD',
    '\u2060\u200D',
    '\u{E0020}',
    '\uFE0F',
    '\u{1D159}',
    '\u200B \u3164\u0301',
  ]
  for (const text of unseen) {
    const escaped = JSON.stringify(text)
    assert.equal(isVisible(text), false, escaped)
    assert.equal(faultInText(text, MAX), 'text-empty', escaped)
    assert.equal(faultInTitle(text), 'text-empty', escaped)
    assert.equal(faultInName(text, 40), 'text-empty', escaped)
    assert.equal(faultInText(`${text}가${text}`, MAX), null, 'something among it can be seen')
  }
  for (const text of ['.', 'ㅤa', 'e\u0301', '1️⃣', '🇰🇷', '👩‍🚀', 'ㅋ', '\u1161', '\uE000']) assert.equal(isVisible(text), true, JSON.stringify(text))
})

test('[W1] malformed is reported before too long', () => {
  assert.equal(faultInText('\ud83d' + 'a'.repeat(MAX + 1), MAX), 'text-malformed')
})

test('[W1] the longest text fits into a frame in every JSON encoding', () => {
  // The widest forms: \u0001 escaped is 6 bytes for one code point; a character beyond the basic plane is 4 bytes.
  const frame = (text: string): number =>
    Buffer.byteLength(JSON.stringify({ t: 'send', id: '0'.repeat(36), conversationId: '0'.repeat(36), body: { kind: 'text', text } }))
  for (const text of ['\u0001', '🔥', '"', '가']) assert.ok(frame(text.repeat(MAX)) <= LIMITS.upFrameBytesMax, JSON.stringify(text))
})

test('[W1] a name is one line with a visible character', () => {
  for (const fine of ['김서연', '이도현 🥐', 'Ann-Marie O’Neil', '👨‍👩‍👧', 'é', '한강서점', 'עדי']) assert.equal(nameFault(fine), null, fine)
  for (const unseen of ['', '   ', '\u3164', '\u200B\u200D', '\u2800 \uFFA0', '\u0301'])
    assert.equal(nameFault(unseen), 'text-empty', JSON.stringify(unseen))
  for (const unfit of ['김\n서연', 'a\0b', '\uD800', '관리자\u202Egnp', 'x\u2066y', 'a\u2028b'])
    assert.equal(nameFault(unfit), 'text-malformed', JSON.stringify(unfit))
  assert.equal(nameFault('가'.repeat(LIMITS.displayNameCodePointsMax)), null)
  assert.equal(nameFault('가'.repeat(LIMITS.displayNameCodePointsMax + 1)), 'text-too-long')
})

test('[W1] a title is one line or empty', () => {
  assert.equal(faultInTitle(''), null)
  assert.equal(faultInTitle('마포 자율방재단'), null)
  assert.equal(faultInTitle('두\n줄'), 'text-malformed')
  assert.equal(faultInTitle('앞\u202E뒤'), 'text-malformed')
  assert.equal(faultInTitle('방'.repeat(LIMITS.titleCodePointsMax + 1)), 'text-too-long')
})
