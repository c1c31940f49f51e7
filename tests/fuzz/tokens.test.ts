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
const CLAIMS = { iss: 'bongsu', sub: ACCOUNT, device: DEVICE, iat: NOW / 1_000, exp: NOW / 1_000 + 3_600 }

const part = (value: unknown): string => Buffer.from(JSON.stringify(value) ?? 'undefined').toString('base64url')
function sign(header: unknown, claims: unknown, key: Uint8Array, hash: 'sha256' | 'sha512' = 'sha256'): string {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

test(`[W4] ${FRAMES / 4} tokens that were changed, signed by others or made up: none is taken for anybody else, and nothing is thrown`, async (t) => {
  const real = await tokens.issue(ACCOUNT, DEVICE, NOW)
  const mine: Claims = { accountId: ACCOUNT, deviceId: DEVICE, issuedAt: NOW }
  assert.deepEqual(await tokens.verify(real), mine, 'the real one is good')
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
  const bad = fc.oneof(
    scratched(fc.constant(real)),
    fc
      .tuple(headers, fc.constantFrom('sha256', 'sha512'))
      .map(([header, hash]) => sign(header, CLAIMS, KEY, hash as 'sha256'))
      .filter((text) => !text.startsWith(`${part({ alg: 'HS256' })}.`)),
    headers.map((header) => `${part(header)}.${part(CLAIMS)}.`),
    otherKeys.map((key) => sign({ alg: 'HS256' }, CLAIMS, key)),
    // Signed with the right key, as only a fault of this server could: still nothing that is not a whole, living token.
    fc.tuple(fc.constantFrom('iss', 'sub', 'device', 'exp'), strange).map(([name, odd]) => sign({ alg: 'HS256' }, { ...CLAIMS, [name]: odd }, KEY)),
    fc.integer({ min: 301, max: 10 ** 9 }).map((ago) => sign({ alg: 'HS256' }, { ...CLAIMS, exp: NOW / 1_000 - ago }, KEY)),
    strange.map((odd) => sign({ alg: 'HS256' }, odd, KEY)),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.integer({ min: 1, max: 200_000 }).map((length) => `${real}${'.'.repeat(length)}`),
  )
  let [tried, same] = [0, 0]
  const run = (runs: number, seed: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(bad, async (text) => {
        tried++
        const claims = await tokens.verify(text)
        if (claims === null) return
        // The last letter of a signature has bits that mean nothing: another spelling of the very same token, or an end that a far future says.
        assert.equal(claims.accountId, ACCOUNT)
        assert.equal(claims.deviceId, DEVICE)
        same++
      }),
      { numRuns: runs, seed },
    )
  for (const [runs, seed] of partsOf(FRAMES / 4)) await run(runs, seed)
  t.diagnostic(`seed ${SEED}: ${tried} tried, ${same} of them other spellings of the real one`)
  assert.ok(same < tried / 20)
})
