import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { signatureOf } from '../../apps/sentinel/src/notify/webhook-sender.ts'
import { isFromOurSentinel } from './check-webhook.ts'

const [SECRET, ID, BODY, NOW] = ['whsec_b2YgdGhpcyB3ZWJob29r', 'of-this-news', '{"incident":{"name":"메시지"}}', 1_795_390_000] as const

test('[S8] the example in the guide accepts what the sentinel signed, and nothing else', () => {
  const signature = signatureOf(SECRET, ID, NOW, BODY)
  const headers = { 'webhook-id': ID, 'webhook-timestamp': String(NOW), 'webhook-signature': signature }
  for (const seconds of [NOW - 300, NOW, NOW + 300]) assert.equal(isFromOurSentinel(SECRET, headers, BODY, seconds), true)
  for (const seconds of [NOW - 301, NOW + 301]) assert.equal(isFromOurSentinel(SECRET, headers, BODY, seconds), false, 'played again')
  assert.equal(isFromOurSentinel('whsec_YW5vdGhlcg==', headers, BODY, NOW), false)
  assert.equal(isFromOurSentinel(SECRET, headers, `${BODY} `, NOW), false)
  assert.equal(isFromOurSentinel(SECRET, { ...headers, 'webhook-timestamp': String(NOW + 1) }, BODY, NOW), false, 'the time is signed too')
  assert.equal(isFromOurSentinel(SECRET, { ...headers, 'webhook-id': 'another' }, BODY, NOW), false)
  for (const bad of ['', 'v1,', `v1,${'A'.repeat(43)}=`, `${signature} ${signature}`, '가'.repeat(signature.length)])
    assert.equal(isFromOurSentinel(SECRET, { ...headers, 'webhook-signature': bad }, BODY, NOW), false, bad)
  assert.equal(isFromOurSentinel(SECRET, {}, BODY, NOW), false)
})

test('the guide shows the example unchanged', () => {
  const shown = /```ts\n(?<code>.*?)```/s.exec(readFileSync(new URL('status-page.md', import.meta.url), 'utf8'))?.groups?.['code']
  assert.equal(shown, readFileSync(new URL('check-webhook.ts', import.meta.url), 'utf8'))
})
