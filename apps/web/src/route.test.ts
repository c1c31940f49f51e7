import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRoute, paths } from './route.ts'

const room = '0192f0c1-0000-7000-8000-000000000001'

test('[WEB] every place of the app has an address that leads back to it', () => {
  assert.deepEqual(parseRoute(paths.friends), { at: 'friends' })
  assert.deepEqual(parseRoute(paths.settings), { at: 'settings' })
  assert.deepEqual(parseRoute(paths.chats), { at: 'chats', conversationId: null })
  assert.deepEqual(parseRoute(paths.room(room)), { at: 'chats', conversationId: room })
  assert.deepEqual(parseRoute(paths.add('kim.seo-yeon_1')), { at: 'add', handle: 'kim.seo-yeon_1' })
  assert.deepEqual(parseRoute(paths.invite('a'.repeat(43))), { at: 'invite', code: 'a'.repeat(43) })
})

test('[WEB] an address that is not understood leads to the chats or friends, with nothing of it kept', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/chats/../../v1', '#/chats/<b>']) {
    assert.deepEqual(parseRoute(hash), { at: 'chats', conversationId: null }, hash)
  }
})

test('[C8] an invite is found whatever follows it in a text, and a link without a code is still an invite', () => {
  const code = 'Ab-_'.repeat(10) + 'xyz'
  for (const tail of ['', '.', ',', ')', '”', '…', '에서', '%EC%97%90%EC%84%9C', ').', '/', '.Please', '?utm_source=kakao'])
    assert.deepEqual(parseRoute(`#/invite/${code}${tail}`), { at: 'invite', code }, tail)
  for (const wrong of ['', 'short', code.slice(1), '.']) assert.deepEqual(parseRoute(`#/invite/${wrong}`), { at: 'invite', code: null }, wrong)
})

test('[C8] a person’s link is found whatever follows it, and one without a handle still asks for a person', () => {
  assert.deepEqual(parseRoute('#/add/Kim'), { at: 'add', handle: 'kim' })
  assert.deepEqual(parseRoute('#/add/kim를'), { at: 'add', handle: 'kim' })
  assert.deepEqual(parseRoute('#/add/'), { at: 'add', handle: '' })
})
