import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSubscriberKeys, subscriberKeys } from './subscriber-keys.ts'

const keys = subscriberKeys(Buffer.alloc(32, 7))
const now = 1_800_000_000_000

test('[S8] a link confirms its own subscriber until its last second', () => {
  const token = keys.confirmToken(12, now)
  assert.equal(keys.readConfirmToken(token, now), 12)
  assert.equal(keys.readConfirmToken(token, now + 999), 12)
  assert.equal(keys.readConfirmToken(token, now + 1_000), null)
})

test('[S8] a link cannot be forged, prolonged, or used for another purpose', () => {
  const token = keys.confirmToken(12, now)
  const [id, seconds, mac] = token.split('.')
  for (const forged of [
    `13.${seconds}.${mac}`,
    `${id}.${Number(seconds) + 1}.${mac}`,
    `0${id}.${seconds}.${mac}`,
    `${id}.${seconds}.${mac?.slice(0, -1)}${mac?.endsWith('A') === true ? 'B' : 'A'}`,
    `${id}.${seconds}.`,
    `${token}.`,
    ` ${token}`,
    '',
    'x'.repeat(10_000),
    keys.leaveToken(12),
    subscriberKeys(Buffer.alloc(32, 8)).confirmToken(12, now),
  ])
    assert.equal(keys.readConfirmToken(forged, now), null, forged.slice(0, 80))
  assert.equal(keys.readLeaveToken(keys.leaveToken(12)), 12)
  assert.equal(keys.readLeaveToken(keys.leaveToken(12).replace('12.', '13.')), null)
  assert.equal(keys.readLeaveToken(token), null)
  assert.notEqual(keys.webhookSecret(12), keys.webhookSecret(13))
})

test('[S8] the key is created once, readable by its owner alone, and a damaged one is not silently replaced', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'subscribers.key')
  const token = openSubscriberKeys(file).leaveToken(1)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const before = readFileSync(file, 'utf8')
  assert.equal(openSubscriberKeys(file).leaveToken(1), token)
  writeFileSync(file, 'half a k')
  assert.throws(() => openSubscriberKeys(file), /does not hold a key of 32 bytes/)
  writeFileSync(file, before)
  assert.equal(openSubscriberKeys(file).readLeaveToken(token), 1)
})
