import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { test } from 'node:test'
import { guardedLookup, isPublicAddress, PrivateTarget, readWebhookUrl, TARGET_BOUNDS } from './webhook-target.ts'

test('[S8] webhooks go only to https addresses on the public internet', () => {
  assert.deepEqual(readWebhookUrl(' https://hooks.example.kr/in?x=1#part ', false), { url: 'https://hooks.example.kr/in?x=1' })
  const faults: readonly (readonly [string, string])[] = [
    ['http://hooks.example.kr/', 'not-https'],
    ['ftp://hooks.example.kr/', 'not-https'],
    ['file:///etc/passwd', 'not-https'],
    ['javascript:alert(1)', 'not-https'],
    ['hooks.example.kr', 'not-an-address'],
    ['', 'not-an-address'],
    ['https://user:secret@hooks.example.kr/', 'holds-a-password'],
    ['https://localhost/', 'private'],
    ['https://a.localhost./', 'private'],
    ['https://127.0.0.1/', 'private'],
    ['https://127.1/', 'private'],
    ['https://2130706433/', 'private'],
    ['https://0x7f.0.0.1/', 'private'],
    ['https://0177.0.0.1/', 'private'],
    ['https://[::1]/', 'private'],
    ['https://[::ffff:10.0.0.1]/', 'private'],
    ['https://169.254.169.254/latest/meta-data/', 'private'],
    ['https://１２７.0.0.1/', 'private'],
  ]
  for (const [typed, fault] of faults) assert.deepEqual(readWebhookUrl(typed, false), { fault }, typed)
  assert.deepEqual(readWebhookUrl('http://127.0.0.1:9000/in', true), { url: 'http://127.0.0.1:9000/in' })
  assert.deepEqual(readWebhookUrl('ftp://127.0.0.1/', true), { fault: 'not-https' })
})

test('[O1] the longest webhook address has 2,048 characters', () => {
  const url = (length: number): string => `https://hooks.example.kr/${'a'.repeat(length - 'https://hooks.example.kr/'.length)}`
  assert.ok('url' in readWebhookUrl(url(TARGET_BOUNDS.urlCharsMax), false))
  assert.deepEqual(readWebhookUrl(url(TARGET_BOUNDS.urlCharsMax + 1), false), { fault: 'too-long' })
})

test('[S8] addresses of this machine, local networks, clouds and their wrapped forms are not public', () => {
  for (const address of ['1.1.1.1', '168.126.63.1', '172.15.255.255', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8', '100.63.255.255'])
    assert.equal(isPublicAddress(address), true, address)
  const inner = [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.255',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    'localhost',
    '',
  ]
  for (const address of inner) assert.equal(isPublicAddress(address), false, address)
})

function look(addresses: readonly LookupAddress[], allowPrivate: boolean, all: boolean): Promise<unknown> {
  const lookup = guardedLookup(allowPrivate, (_hostname, done) => done(null, addresses))
  return new Promise((resolve, reject) => lookup('hooks.example.kr', { all }, (error, found) => (error === null ? resolve(found) : reject(error))))
}

test('[S8] a name with any private address is private', async () => {
  const open = { address: '1.1.1.1', family: 4 }
  const inner = { address: '::ffff:10.0.0.1', family: 6 }
  assert.deepEqual(await look([open], false, true), [open])
  assert.equal(await look([open], false, false), '1.1.1.1')
  await assert.rejects(look([open, inner], false, true), PrivateTarget)
  await assert.rejects(look([inner], false, false), PrivateTarget)
  assert.deepEqual(await look([inner], true, true), [inner])
  await assert.rejects(look([], true, true), /has no address/)
})
