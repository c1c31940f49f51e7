import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccountId, DeviceId } from '@bongsu/protocol'
import { createTokens, type Claims } from '../../apps/server/src/accounts/tokens.ts'
import { FRAMES, partsOf, SEED } from './amount.ts'
import { scratched, strange } from './arbitrary-of.ts'

const KEY = new Uint8Array(randomBytes(32))
const NOW = 1_790_000_000_000
const tokens = createTokens(KEY, { now: () => NOW })
const ACCOUNT = '0197c000-0000-7000-8000-000000000001' as AccountId
const DEVICE = '0197c000-0000-7000-8000-000000000002' as DeviceId
/** In whose name the forger wants in: a forgery that is taken cannot pass for another spelling of the real one. */
const VICTIM = '0197c000-0000-7000-8000-000000000003' as AccountId
const HEADER = { alg: 'HS256' }
const claimsOf = (account: AccountId): Readonly<Record<string, unknown>> => ({
  iss: 'bongsu',
  sub: account,
  device: DEVICE,
  iat: NOW / 1_000,
  exp: NOW / 1_000 + 3_600,
})

const part = (value: unknown): string => Buffer.from(JSON.stringify(value) ?? 'undefined').toString('base64url')
function sign(header: unknown, claims: unknown, key: Uint8Array, hash: 'sha256' | 'sha512' = 'sha256'): string {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

/** A text, and whom it may be taken for: nobody, unless it is the real token in another spelling, or one that this key has signed and that has not ended. */
interface Tried {
  readonly text: string
  readonly may: Claims | null
}

const nobody = (texts: fc.Arbitrary<string>): fc.Arbitrary<Tried> => texts.map((text) => ({ text, may: null }))

test(`[W4] ${FRAMES / 4} tokens that were changed, signed by others or made up: none is taken for anybody else, and nothing is thrown`, async (t) => {
  const real = await tokens.issue(ACCOUNT, DEVICE, NOW)
  const mine: Claims = { accountId: ACCOUNT, deviceId: DEVICE, issuedAt: NOW }
  assert.deepEqual(await tokens.verify(real), mine, 'the real one is good')
  const theirs = claimsOf(VICTIM)
  assert.deepEqual(await tokens.verify(sign(HEADER, theirs, KEY)), { ...mine, accountId: VICTIM }, 'the forgeries fail for what is wrong with them')
  const headers = fc.oneof(
    fc.constantFrom<unknown>(
      { alg: 'none' },
      { alg: 'None' },
      { alg: 'HS512' },
      { alg: 'RS256' },
      { alg: 'HS256', crit: ['b64'], b64: false },
      { alg: 'HS256', crit: ['x'] },
      {},
      null,
    ),
    strange,
  )
  const otherKeys = fc.uint8Array({ minLength: 0, maxLength: 64 }).filter((key) => Buffer.compare(key, KEY) !== 0)
  const unsigned = fc.oneof(fc.constant<unknown>(HEADER), headers).map((header) => `${part(header)}.${part(theirs)}.`)
  const signedWithThisKey = (claims: unknown): string => sign(HEADER, claims, KEY)
  const tried = fc.oneof(
    // The last letter of a signature has bits that mean nothing, and what is no letter is passed over: another spelling of the very same token.
    scratched(fc.constant(real)).map((text): Tried => ({ text, may: mine })),
    nobody(
      fc.oneof(
        fc
          .tuple(headers, fc.constantFrom('sha256', 'sha512'))
          .map(([header, hash]) => sign(header, theirs, KEY, hash as 'sha256'))
          .filter((text) => !text.startsWith(`${part(HEADER)}.`)),
        unsigned,
        // The real signature, and any other bytes, under other claims.
        fc.constantFrom(`${part(HEADER)}.${part(theirs)}.${real.split('.')[2]}`),
        fc.uint8Array({ maxLength: 80 }).map((bytes) => `${part(HEADER)}.${part(theirs)}.${Buffer.from(bytes).toString('base64url')}`),
        otherKeys.map((key) => sign(HEADER, theirs, key)),
        // Signed with the right key, as only a fault of this server could: still nothing that is not a whole, living token.
        fc.tuple(fc.constantFrom('iss', 'sub', 'device'), strange).map(([name, odd]) => signedWithThisKey({ ...theirs, [name]: odd })),
        fc.integer({ min: 301, max: 10 ** 9 }).map((ago) => signedWithThisKey({ ...theirs, exp: NOW / 1_000 - ago })),
        strange.map(signedWithThisKey),
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 1, max: 200_000 }).map((length) => `${real}${'.'.repeat(length)}`),
      ),
    ),
    // An end that a far future says is an end all the same.
    strange.map((exp): Tried => {
      const lives = typeof exp === 'number' && exp > NOW / 1_000 - 300
      return { text: signedWithThisKey({ ...theirs, exp }), may: lives ? { ...mine, accountId: VICTIM } : null }
    }),
  )
  let [count, taken] = [0, 0]
  const run = (runs: number, seed: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(tried, async ({ text, may }) => {
        count++
        const claims = await tokens.verify(text)
        if (claims === null) return
        taken++
        assert.deepEqual(claims, may)
      }),
      { numRuns: runs, seed },
    )
  for (const [runs, seed] of partsOf(FRAMES / 4)) await run(runs, seed)
  t.diagnostic(`seed ${SEED}: ${count} tried, ${taken} of them other spellings of the real one, or signed with an end that has not come`)
})

test('[W4] a signature that is missing, cut, lengthened or one bit off signs nothing, whatever its beginning', async () => {
  const whole = sign(HEADER, claimsOf(ACCOUNT), KEY)
  assert.notEqual(await tokens.verify(whole), null)
  const [header, payload, signature] = whole.split('.') as [string, string, string]
  const right = Buffer.from(signature, 'base64url')
  assert.equal(right.length, 32)
  const bits = Array.from({ length: 256 }, (_, bit) => Buffer.from(right.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))))
  const bad: readonly (readonly [what: string, signature: Buffer])[] = [
    ['none', Buffer.alloc(0)],
    ['the first byte', right.subarray(0, 1)],
    ['the first half', right.subarray(0, 16)],
    ['31 bytes', right.subarray(0, 31)],
    ['33 bytes', Buffer.concat([right, Buffer.of(0)])],
    ['twice', Buffer.concat([right, right])],
    ['32 of another', Buffer.alloc(32)],
    ...bits.map((bytes, bit) => [`bit ${bit} turned`, bytes] as const),
  ]
  for (const [what, bytes] of bad) assert.equal(await tokens.verify(`${header}.${payload}.${bytes.toString('base64url')}`), null, what)
  for (const text of [`${header}.${payload}`, `${header}..${signature}`, `.${payload}.${signature}`, `${whole}.`])
    assert.equal(await tokens.verify(text), null, text)
})
