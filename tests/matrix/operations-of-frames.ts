import { randomUUID } from 'node:crypto'
import { DEVICE_FEATURES, type Act, type SendBody, type UpType } from '@bongsu/protocol'
import { isIn } from './callers.ts'
import { always, ifAuthor, ifMember, ifOfTheTwo, ifRole, ifSeen, isHost, type Operation } from './operation.ts'
import type { Cell, Outcome, Place } from './square.ts'

const device = { door: 'device' } as const

/** A frame about the group, and about the conversation of two. */
function inBoth(rules: string, does: (cell: Cell, place: Place) => Promise<Outcome>): readonly Operation[] {
  return [
    { ...device, case: 'the group', rules, does: (cell) => does(cell, cell.group), gets: ifMember },
    { ...device, case: 'the 1:1', rules, does: (cell) => does(cell, cell.direct), gets: ifOfTheTwo },
  ]
}

async function audit(cell: Cell, { conversationId, seq }: Place): Promise<Outcome> {
  const heard = await cell.hears({ t: 'audit', conversationId, from: seq, to: seq }, 'audit')
  return typeof heard === 'string' ? heard : heard.hash === null ? 'nothing' : 'ok'
}

export const OF_FRAMES: { readonly [T in Exclude<UpType, 'send' | 'set'>]: readonly Operation[] } = {
  hello: [
    {
      ...device,
      rules: 'W4',
      // The devices of all others have said it, and were welcomed.
      does: async (cell) =>
        cell.who.shows === 'device'
          ? 'ok'
          : cell.say({ t: 'hello', token: cell.token, epoch: null, account: 0, cursors: [], features: [...DEVICE_FEATURES] }),
      gets: always,
    },
  ],
  read: inBoth('R1, W4', (cell, { conversationId }) => cell.say({ t: 'read', conversationId, seq: 1 })),
  typing: inBoth('W4', (cell, { conversationId }) => cell.say({ t: 'typing', conversationId })),
  watch: inBoth('W4', (cell, { conversationId }) => cell.say({ t: 'watch', conversationId, from: 1, to: null })),
  'ask-heads': [
    {
      ...device,
      case: 'the group',
      rules: 'W4, D6',
      async does(cell) {
        const heard = await cell.hears({ t: 'ask-heads' }, 'heads')
        if (typeof heard === 'string') return heard
        return heard.heads.some(([conversationId]) => conversationId === cell.group.conversationId) ? 'ok' : 'nothing'
      },
      gets: (who) => (isIn(who) ? 'ok' : 'nothing'),
    },
  ],
  refresh: inBoth('W4, D7', (cell, { conversationId }) => cell.say({ t: 'refresh', conversationId })),
  ping: [{ ...device, rules: 'C4', does: (cell) => cell.say({ t: 'ping', n: 0 }), gets: always }],
  audit: [
    {
      ...device,
      case: 'what the host said in the group',
      rules: 'A1',
      does: (cell) => audit(cell, cell.group),
      gets: (who) => (who.group === 'newcomer' ? 'body-invalid' : ifMember(who)),
    },
    {
      ...device,
      case: 'what the host said in the 1:1',
      rules: 'A1, B4',
      does: (cell) => audit(cell, cell.direct),
      gets: (who) => (who.direct === 'left' ? 'body-invalid' : ifOfTheTwo(who)),
    },
  ],
  'audit-fault': [{ ...device, rules: 'A3', does: (cell) => cell.say({ t: 'audit-fault' }), gets: always }],
}

/** Changes of the group are not for conversations of two [M4]. */
const notOfTwo = (rules: string, body: (cell: Cell) => SendBody): Operation => ({
  ...device,
  case: 'the 1:1',
  rules,
  does: (cell) => cell.send(cell.direct, body(cell)),
  gets: (who) => (ifOfTheTwo(who) === 'ok' ? 'conversation-kind' : ifOfTheTwo(who)),
})
const said: SendBody = { kind: 'text', text: '아무 말' }
const place: SendBody = { kind: 'place', geo: '37.50000,127.00000', withinM: 10 }

/** `send`, by the kind of its body. */
export const OF_BODIES: { readonly [K in SendBody['kind']]: readonly Operation[] } = {
  text: inBoth('W4, M4', (cell, to) => cell.send(to, said)),
  place: inBoth('W4, M4', (cell, to) => cell.send(to, place)),
  renamed: [
    { ...device, case: 'the group', rules: 'B12', does: (cell) => cell.send(cell.group, { kind: 'renamed', title: '새 이름' }), gets: ifMember },
    {
      ...device,
      case: 'to a name that speaks for the server',
      rules: 'B30',
      does: (cell) => cell.send(cell.group, { kind: 'renamed', title: '관리자' }),
      // No caller of the table is staff and in the group.
      gets: ({ staff }) => (staff === undefined ? 'forbidden' : 'not-a-member'),
    },
    notOfTwo('M4', () => ({ kind: 'renamed', title: '새 이름' })),
  ],
  invited: [
    {
      ...device,
      case: 'to the group',
      rules: 'B12',
      does: (cell) => cell.send(cell.group, { kind: 'invited', accounts: [cell.other] }),
      gets: ifMember,
    },
    notOfTwo('M4', (cell) => ({ kind: 'invited', accounts: [cell.other] })),
  ],
  left: [
    { ...device, case: 'the group', rules: 'B11, W4', does: (cell) => cell.send(cell.group, { kind: 'left' }), gets: ifMember },
    notOfTwo('M4, B4', () => ({ kind: 'left' })),
  ],
  removed: [
    {
      ...device,
      case: 'a member',
      rules: 'B12, B13',
      others: 'in',
      does: (cell) => cell.send(cell.group, { kind: 'removed', accountId: cell.other, barred: false }),
      gets: ifRole('deputy'),
    },
    {
      ...device,
      case: 'the host',
      rules: 'B13',
      does: (cell) => cell.send(cell.group, { kind: 'removed', accountId: cell.host.accountId, barred: false }),
      gets: (who) => (isHost(who) ? 'body-invalid' : ifRole('deputy')(who) === 'ok' ? 'forbidden' : ifRole('deputy')(who)),
    },
    notOfTwo('M4', (cell) => ({ kind: 'removed', accountId: cell.host.accountId, barred: true })),
  ],
  role: [
    {
      ...device,
      case: 'a deputy',
      rules: 'B11',
      others: 'in',
      does: (cell) => cell.send(cell.group, { kind: 'role', accountId: cell.other, role: 'deputy' }),
      gets: ifRole('host'),
    },
    notOfTwo('M4', (cell) => ({ kind: 'role', accountId: cell.host.accountId, role: 'deputy' })),
  ],
  rights: [
    { ...device, rules: 'B12', does: (cell) => cell.send(cell.group, { kind: 'rights', rights: { rename: 'host' } }), gets: ifRole('host') },
    notOfTwo('M4', () => ({ kind: 'rights', rights: { rename: 'host' } })),
  ],
}

function mark(at: Place, act: Act) {
  return { t: 'set', id: randomUUID() as never, conversationId: at.conversationId, seq: at.seq, subject: at.subject as never, act } as const
}

/** `set`, by the kind of its mark, on what the host has said. */
export const OF_MARKS: { readonly [K in Act['kind']]: readonly Operation[] } = {
  reaction: [
    {
      ...device,
      case: 'in the group',
      rules: 'I4',
      does: (cell) => cell.say(mark(cell.group, { kind: 'reaction', value: { emoji: '👍' } })),
      gets: ifSeen,
    },
    {
      ...device,
      case: 'in the 1:1',
      rules: 'I4, B4',
      does: (cell) => cell.say(mark(cell.direct, { kind: 'reaction', value: { emoji: '👍' } })),
      gets: (who) => (who.direct === 'left' ? 'subject-gone' : ifOfTheTwo(who)),
    },
  ],
  edit: [
    { ...device, rules: 'I5', does: (cell) => cell.say(mark(cell.group, { kind: 'edit', value: { text: `고침 ${cell.name}` } })), gets: ifAuthor },
  ],
  done: [{ ...device, rules: 'I4', does: (cell) => cell.say(mark(cell.group, { kind: 'done', value: {} })), gets: ifSeen }],
  erased: [{ ...device, rules: 'I5', does: (cell) => cell.say(mark(cell.group, { kind: 'erased', value: {} })), gets: ifAuthor }],
  hidden: [{ ...device, rules: 'I4', does: (cell) => cell.say(mark(cell.group, { kind: 'hidden', value: {} })), gets: ifSeen }],
}
