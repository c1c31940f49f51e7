import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldAddress, readMailAddress } from './subscriber-store.ts'

test('[S8] common addresses are accepted and normalised for mail servers', () => {
  assert.equal(readMailAddress(' hana.kim+status@example.co.kr '), 'hana.kim+status@example.co.kr')
  assert.equal(readMailAddress('Hana@Example.KR'), 'Hana@example.kr')
  assert.equal(readMailAddress('hana@봉수.한국'), 'hana@xn--9n3bo6g.xn--3e0b707e')
  assert.equal(foldAddress('Hana@example.kr'), 'hana@example.kr')
})

test('[S8] an address cannot smuggle a second header, a second recipient or a command', () => {
  const hostile = [
    'hana@example.kr\r\nBcc: all@example.kr',
    'hana\n@example.kr',
    'hana@example.kr\0',
    'a@example.kr,b@example.kr',
    'a@example.kr b@example.kr',
    'Hana <hana@example.kr>',
    '"hana kim"@example.kr',
    'hana(comment)@example.kr',
    '<hana@example.kr>',
    'hana@example.kr> SIZE=1',
    'hana@[127.0.0.1]',
    'hana@127.0.0.1',
    'hana@localhost',
    'hana@exa_mple.kr',
    'hana@-example.kr',
    'hana@example..kr',
    'hana@example.kr.',
    '.hana@example.kr',
    'ha..na@example.kr',
    '@example.kr',
    'hana@',
    'hana',
    '',
    '하나@example.kr',
    'hana@example.kr%0aBcc:x@y.kr',
    'hana@ex\u00adample\u2028.kr',
  ]
  for (const each of hostile) assert.equal(readMailAddress(each), null, JSON.stringify(each))
})

test('[O1] the longest address has 254 characters, 64 of them before the @', () => {
  const domain = (length: number): string => `${`${'d'.repeat(60)}.`.repeat(3)}${'e'.repeat(length - 3 * 61)}`
  assert.notEqual(readMailAddress(`${'a'.repeat(64)}@${domain(189)}`), null)
  assert.equal(readMailAddress(`${'a'.repeat(64)}@${domain(190)}`), null)
  assert.equal(readMailAddress(`${'a'.repeat(65)}@example.kr`), null)
})
