import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linkify } from './linkify.ts'

const links = (text: string) => linkify(text).flatMap((piece) => (piece.href === null ? [] : [[piece.text, piece.href]]))

test('[C12] http and https become links, with or without the scheme', () => {
  assert.deepEqual(links('여기 https://example.com/a?b=c#d 봐'), [['https://example.com/a?b=c#d', 'https://example.com/a?b=c#d']])
  assert.deepEqual(links('http://example.com'), [['http://example.com', 'http://example.com/']])
  assert.deepEqual(links('example.com/길'), [['example.com/길', 'https://example.com/%EA%B8%B8']])
  assert.deepEqual(links('localhost.example.com:8080/x'), [['localhost.example.com:8080/x', 'https://localhost.example.com:8080/x']])
})

const shown = (text: string) => links(text).map(([written]) => written)

test('[C12] an address ends before the particles, the punctuation and the brackets of the sentence around it', () => {
  const address = 'https://example.kr/notice'
  for (const around of ['%에서', '%에서는', '(%)를 보세요', '%…', '%~', '%.', '「%」를', '[글](%)', '“%”라고', '주소는%입니다', '%?!']) {
    assert.deepEqual(shown(around.replace('%', address)), [address], around)
  }
  assert.deepEqual(shown('example.com에서'), ['example.com'])
  assert.deepEqual(shown('http://nas:5000에서'), ['http://nas:5000'])
  assert.deepEqual(shown('https://example.kr/에서'), ['https://example.kr/'])
  assert.deepEqual(shown('https://a.krㅋㅋ https://한글.한국에서는 https://пример.рф에서 https://a.kr에서.그리고'), [
    'https://a.kr',
    'https://한글.한국',
    'https://пример.рф',
    'https://a.kr',
  ])
  assert.deepEqual(shown('https://a.kr,https://b.kr'), ['https://a.kr', 'https://b.kr'])
})

test('[C12] Hangul and brackets that belong to an address stay', () => {
  for (const address of [
    'https://namu.wiki/w/나이',
    'https://ko.wikipedia.org/wiki/C_(언어)',
    'https://x.kr/?q=나이',
    'https://도메인.kr/길',
    'https://한글.한국',
  ]) {
    assert.deepEqual(shown(address), [address])
  }
})

test('[C12] hosts of a home are links with their scheme; file names and numbers are none', () => {
  for (const address of [
    'http://localhost:8080/#/invite/abc',
    'http://nas:5000',
    'http://192.168.0.1:80/x',
    'http://[::1]:8080/',
    'www.example.sh',
    'example.sh/install',
  ]) {
    assert.deepEqual(shown(address), [address])
  }
  for (const text of [
    'script.sh',
    'main.py',
    'node.js',
    '수위 2.1m입니다',
    '3.14',
    '192.168.0.1',
    '...',
    '2026-11-29',
    '02-000-00000',
    '110-123-456789',
    '123-4567',
  ]) {
    assert.deepEqual(shown(text), [], text)
  }
})

test('[C12] mail addresses and Korean phone numbers are links', () => {
  assert.deepEqual(links('kim.lee@example.co.kr로'), [['kim.lee@example.co.kr', 'mailto:kim.lee@example.co.kr']])
  assert.deepEqual(links('02-000-0000으로, 010-1234-5678, 1588-1234, 01012345678, +82 10-1234-5678'), [
    ['02-000-0000', 'tel:020000000'],
    ['010-1234-5678', 'tel:01012345678'],
    ['1588-1234', 'tel:15881234'],
    ['01012345678', 'tel:01012345678'],
    ['+82 10-1234-5678', 'tel:+821012345678'],
  ])
})

test('[C12] nothing is a link that would be read as another address, or opens something else than a page', () => {
  for (const text of [
    'https://bank.kr@evil.example/',
    'https://user:word@evil.example/',
    'https://bank.kr:login@evil.example',
    'https://bank.kr:evil.com',
    'https://bank.kr:123456',
    'https://bank.kr%2eevil.com',
    'https://evil.com\u200b.bank.kr',
    'https://evil.com.\u2066bank.kr',
    'https://bank.kr⁄login.evil.com',
    'bank.kr⁄login.evil.com',
    'xаррlе.com',
    'javascript:alert(1)',
    'JAVASCRIPT://example.com/%0aalert(1)',
    'data:text/html,<b>',
    'vbscript:x.com',
    'file:///etc/passwd',
    'ftp://example.com/x',
    '<script>alert(1)</script>',
  ]) {
    assert.deepEqual(links(text), [], text)
  }
})

const looks = (text: string) => linkify(text).flatMap(({ href, shown: look }) => (href === null ? [] : [look]))

test('[C12] an address is shown as it opens', () => {
  for (const [text, look] of [
    ['https://аррӏе.com에서', 'https://xn--80ak6aa92e.com'],
    ['https://bank.kr에서.evil.com/x', 'https://bank.kr에서.evil.com/x'],
    ['https://paypaI.com', 'https://paypai.com'],
    ['HTTP://0x7f.1:00080/', 'http://127.0.0.1/'],
    ['https://bank.kr:8443/a/../b', 'https://bank.kr:8443/b'],
    ['https://ｂａｎｋ.kr', 'https://bank.kr'],
    ['https://a.kr/나이/%EB%82%98?q=é#א', 'https://a.kr/나이/나?q=é#%D7%90'],
    ['https://a.kr/\u0338x⁄y', 'https://a.kr/%CC%B8x%E2%81%84y'],
    ['\u202eevil.com/moc.knab//:sptth', 'evil.com/moc.knab//:sptth'],
    ['a%40b@example.kr', 'a%40b@example.kr'],
    ['a.com?#', 'a.com/?#'],
  ] as const) {
    assert.deepEqual(looks(text), [look], text)
  }
  assert.equal(links('a%40b@example.kr')[0]?.[1], 'mailto:a%2540b@example.kr')
})

test('[C12] whatever was written, it is shown whole and every link is of a kind that may be one', () => {
  const bits = fc.constantFrom(
    'https://',
    'javascript:',
    'a.com',
    '가',
    '.',
    ' ',
    ':',
    '/',
    '@',
    '?',
    '\n',
    '🔥',
    'data:',
    '#',
    '010-1234-5678',
    '에서',
    '(',
    ')',
    '\u202e',
    '\u200b',
    '%2e',
    ':80',
    '한',
    'а',
    '⁄',
    '\u0301',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(bits, { maxLength: 12 }).map((parts) => parts.join('')),
      ),
      (text) => {
        const pieces = linkify(text)
        assert.equal(pieces.map((piece) => piece.text).join(''), text)
        for (const { href, shown: look } of pieces) {
          if (href === null) continue
          assert.match(href, /^(https?:\/\/|mailto:|tel:)/)
          if (href.startsWith('http')) assert.equal(new URL(/^https?:/.test(look) ? look : `https://${look}`).href, href)
          assert.doesNotMatch(look, /[\p{Default_Ignorable_Code_Point}\p{M}\p{Cc}]/u)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
