import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { signatureOf } from '../../apps/sentinel/src/notify/webhook-sender.ts'
import { isFromOurSentinel } from './check-webhook.ts'

const [SECRET, BODY, NOW] = ['whsec_of-this-webhook', '{"incident":{"name":"메시지"}}', 1_795_390_000]

test('[S8] the example in the guide accepts what the sentinel signed, and nothing else', () => {
  const header = signatureOf(SECRET, NOW, BODY)
  for (const seconds of [NOW - 300, NOW, NOW + 300]) assert.equal(isFromOurSentinel(SECRET, header, BODY, seconds), true)
  for (const seconds of [NOW - 301, NOW + 301]) assert.equal(isFromOurSentinel(SECRET, header, BODY, seconds), false, 'played again')
  assert.equal(isFromOurSentinel('whsec_of-another', header, BODY, NOW), false)
  assert.equal(isFromOurSentinel(SECRET, header, `${BODY} `, NOW), false)
  assert.equal(isFromOurSentinel(SECRET, header.replace(`t=${NOW}`, `t=${NOW + 1}`), BODY, NOW), false, 'the time is signed too')
  for (const bad of ['', 't=1,v1=', `t=${NOW}`, `v1=${'0'.repeat(64)}`, `${header},v1=${'0'.repeat(64)}`, `t=${NOW},v1=${'0'.repeat(64)}`])
    assert.equal(isFromOurSentinel(SECRET, bad, BODY, NOW), false, bad)
})

test('the guide shows the example unchanged', () => {
  const shown = /```ts\n(?<code>.*?)```/s.exec(readFileSync(new URL('status-page.md', import.meta.url), 'utf8'))?.groups?.['code']
  assert.equal(shown, readFileSync(new URL('check-webhook.ts', import.meta.url), 'utf8'))
})
