import type { DownType } from '@bongsu/protocol'
import type { Fields } from '@bongsu/protocol/checks'

/** Written by tools/down-checks.ts from the schemas of the protocol. */
export const DOWN_CHECKS: Readonly<Record<DownType, Fields>> = {
  welcome: {
    epoch: 's',
    accountId: 's',
    deviceId: 's',
    now: 'n',
    heartbeatMs: 'p',
    reconnectSpreadMs: 'n',
    'token?': 's',
    'restored?': ['list', ['tuple', ['s', 'n']]],
    'restoredChanges?': ['list', ['tuple', ['s', 'n']]],
    'features?': ['list', 's'],
  },
  account: {
    from: 'n',
    to: 'n',
    items: [
      'list',
      [
        'kinds',
        { key: 's' },
        {
          profile: { value: { accountId: 's', handle: 's', displayName: 's', role: 's' } },
          membership: { value: ['null-or', { conversationId: 's', kind: 's', joinedSeq: 'p' }] },
          read: { value: { seq: 'n' } },
          friend: { value: ['null-or', { accountId: 's', handle: 's', displayName: 's' }] },
          person: { value: { accountId: 's', handle: 's', displayName: 's' } },
          device: { value: ['null-or', { deviceId: 's', name: 's', createdAt: 'n' }] },
          hidden: { value: {} },
        },
      ],
    ],
  },
  entries: { conversationId: 's', after: 'n', entries: ['list', { seq: 'p', acceptedAt: 'n', author: 's', id: 's', body: 'body' }] },
  reset: {
    conversationId: 's',
    head: 'n',
    joinedSeq: 'p',
    meta: { kind: 's', title: 's', memberCount: 'n', people: ['list', { accountId: 's', handle: 's', displayName: 's' }], 'host?': ['null-or', 's'] },
    entries: ['list', { seq: 'p', acceptedAt: 'n', author: 's', id: 's', body: 'body' }],
    readSeq: 'n',
    unreadBelow: 'n',
    'change?': 'n',
    'items?': ['list', 'mark'],
  },
  items: { conversationId: 's', from: 'n', to: 'n', items: ['list', 'mark'] },
  'caught-up': { account: 'n', total: 'n' },
  beat: { now: 'n', account: 'n', total: ['null-or', 'n'], 'reconnectSpreadMs?': 'n' },
  heads: { account: 'n', heads: ['list', ['tuple', ['s', 'n']]], 'changes?': ['list', ['tuple', ['s', 'n']]] },
  accepted: { id: 's', conversationId: 's', seq: 'p', acceptedAt: 'n' },
  'set-accepted': { id: 's', conversationId: 's', change: 'n' },
  refused: { 'id?': 's', 're?': 's', code: 's', 'retryAfterMs?': 'n' },
  unread: { conversationId: 's', from: 'p', counts: ['list', 'n'] },
  typing: { conversationId: 's', accountId: 's' },
  pong: { n: 'n' },
  drain: { spreadMs: 'n' },
  audit: { conversationId: 's', from: 'p', to: 'p', hash: ['null-or', 's'], 'change?': 'n', 'marks?': 's' },
  turn: { inMs: 'n' },
}
