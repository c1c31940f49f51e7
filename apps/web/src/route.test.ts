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
  for (const hash of ['', '#', '#/', '#/nowhere', '#/chats/../../v1', '#/chats/<b>', '#/invite/short', '#/invite/' + 'a'.repeat(65)]) {
    assert.deepEqual(parseRoute(hash), { at: 'chats', conversationId: null }, hash)
  }
  assert.deepEqual(parseRoute('#/add/Kim'), { at: 'friends' })
})
