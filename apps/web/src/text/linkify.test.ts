import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linkify } from './linkify.ts'

const links = (text: string) => linkify(text).flatMap((piece) => (piece.href === null ? [] : [[piece.text, piece.href]]))

test('[TEXT] http and https become links, with or without the scheme', () => {
  assert.deepEqual(links('여기 https://example.com/a?b=c#d 봐'), [['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d']])
  assert.deepEqual(links('http://example.com'), [['http://example.com', 'http://example.com/']])
  assert.deepEqual(links('example.com/길'), [['example.com/길', 'https://example.com/%EA%B8%B8']])
  assert.deepEqual(links('localhost.example.com:8080/x'), [['localhost.example.com:8080/x', 'https://localhost.example.com:8080/x']])
})

test('[TEXT] a Korean particle right behind the host is not part of it', () => {
  assert.deepEqual(links('https://example.com에서 보세요'), [['https://example.com', 'https://example.com/']])
  assert.equal(
    linkify('https://example.com에서 보세요')
      .map((piece) => piece.text)
      .join(''),
    'https://example.com에서 보세요',
  )
})

test('[TEXT] nothing else ever becomes a link', () => {
  for (const text of [
    'javascript:alert(1)',
    'JAVASCRIPT://example.com/%0aalert(1)',
    'data:text/html,<b>',
    'vbscript:x.com',
    'file:///etc/passwd',
    'ftp://example.com/x',
    'a@b.com',
    'mailto:a@b.com',
    'https://bank.kr@evil.example/',
    '수위 2.1m입니다',
    '3.14',
    '...',
    '<script>alert(1)</script>',
  ]) {
    for (const [, href] of links(text)) assert.match(href!, /^https?:\/\/[^@]*$/, text)
  }
  assert.deepEqual(links('javascript:alert(1)'), [])
  assert.deepEqual(links('수위 2.1m입니다'), [])
})

test('[TEXT] whatever was written, it is shown whole and every link is http or https', () => {
  const bits = fc.constantFrom('https://', 'javascript:', 'a.com', '가', '.', ' ', ':', '/', '@', '?', '\n', '🔥', 'data:', '#')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(bits, { maxLength: 12 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const pieces = linkify(text)
        assert.equal(pieces.map((piece) => piece.text).join(''), text)
        for (const piece of pieces) if (piece.href !== null) assert.match(piece.href, /^https?:\/\//)
      },
    ),
    { numRuns: 500 },
  )
})
