import { randomUUID } from 'node:crypto'
import type { Reply, RouteName } from '@bongsu/protocol'
import { PASSWORD } from '../worlds/running-server.ts'
import { isIn, seesHost } from './callers.ts'
import { always, ifAdmin, ifMember, ifOfTheTwo, ifSeen, ifSeesHost, ifStaff, isHost, type Operation } from './operation.ts'
import type { Cell, Outcome, Place } from './square.ts'

const hostOf = ({ host }: Cell) => ({ params: { accountId: host.accountId } })
const dummyOf = ({ dummy }: Cell) => ({ params: { accountId: dummy.accountId } })
const roomOf = ({ conversationId }: Place) => ({ params: { conversationId } })
const open = { door: 'open', gets: always } as const
const key = { door: 'key', rules: 'F1', gets: always } as const

/** A new person's sign-up by an invite of the host. */
async function signUp(cell: Cell, code: string | undefined): Promise<Outcome> {
  const handle = `n${randomUUID().replaceAll('-', '').slice(0, 16)}`
  return cell.ask('signUp', {
    body: { ...(code === undefined ? {} : { code }), handle, displayName: '새 사람', password: PASSWORD, deviceName: '시험' },
  })
}

async function codeOf(cell: Cell): Promise<{ readonly code: string; readonly inviteId: string }> {
  return (await cell.asHost('createInvite', { body: { validMs: 600_000, uses: 1 } })).body as { code: string; inviteId: string }
}

const messageIn = ({ conversationId, seq, subject }: Place) => ({ conversationId, seq, subject })

async function report(cell: Cell, reported: object): Promise<Outcome> {
  return cell.ask('report', { body: { id: randomUUID(), reported, reason: 'spam' } })
}

/** A case about a group: it has no message, which staff may read in a case and nowhere else. Whoever sees no case names one at random. */
async function caseOf(cell: Cell): Promise<string> {
  const { cases = [] } = (await cell.answer('listCases')).body as Partial<Reply<'listCases'>>
  return cases.find(({ about }) => about === 'room')?.caseId ?? randomUUID()
}

function groupWith(accountId: string, title = '') {
  return { body: { id: randomUUID(), title, accounts: [accountId] } }
}

/** HTTP, in the order in which it is tried: what one operation makes may not open the next one. */
export const OF_ROUTES: { readonly [N in RouteName]: readonly Operation[] } = {
  server: [{ ...open, rules: 'W4', does: (cell) => cell.ask('server') }],
  checkInvite: [{ ...open, rules: 'W4', does: async (cell) => cell.ask('checkInvite', { body: { code: (await codeOf(cell)).code } }) }],
  signUp: [
    { ...open, rules: 'C7', does: async (cell) => signUp(cell, (await codeOf(cell)).code) },
    { ...open, case: 'without an invite', rules: 'C8', does: (cell) => signUp(cell, undefined), gets: () => 'registration-closed' },
  ],
  signIn: [
    { ...open, rules: 'B20', does: (cell) => cell.ask('signIn', { body: { handle: 'dummy', password: PASSWORD, deviceName: '시험' } }) },
    {
      ...open,
      case: 'wrong password',
      rules: 'B20',
      does: (cell) => cell.ask('signIn', { body: { handle: 'dummy', password: 'what somebody guesses', deviceName: '시험' } }),
      gets: () => 'sign-in-failed',
    },
  ],
  signOut: [
    {
      door: 'device',
      rules: 'C10',
      async does(cell) {
        const second = await cell.second()
        return cell.ask('signOut', second === null ? {} : { headers: { authorization: `Bearer ${second.token}` } })
      },
      gets: always,
    },
  ],
  revokeDevice: [
    {
      case: 'the host’s',
      door: 'device',
      rules: 'W4',
      async does(cell) {
        const deviceId = cell.name === 'host' ? (await cell.second())!.deviceId : cell.host.deviceId
        return cell.ask('revokeDevice', { params: { deviceId } })
      },
      gets: (who) => (isHost(who) ? 'ok' : 'not-found'),
    },
  ],
  listDevices: [
    {
      door: 'device',
      rules: 'W4',
      async does(cell) {
        const answered = await cell.answer('listDevices')
        if (answered.status !== 200) return cell.ask('listDevices')
        return answered.text.includes(cell.host.deviceId) ? 'ok' : 'nothing'
      },
      gets: (who) => (isHost(who) ? 'ok' : 'nothing'),
    },
  ],
  changeProfile: [
    {
      door: 'device',
      rules: 'B30',
      does: (cell) => cell.ask('changeProfile', { body: { displayName: `이름 ${cell.who.staff ?? cell.name}`.replace(/admin|moderator/, '하나') } }),
      gets: always,
    },
    {
      case: 'a name that speaks for the server',
      door: 'device',
      rules: 'B30',
      does: (cell) => cell.ask('changeProfile', { body: { displayName: '관리자' } }),
      gets: ifStaff,
    },
  ],
  changePassword: [
    {
      case: 'without the present one',
      door: 'device',
      rules: 'B20',
      does: (cell) => cell.ask('changePassword', { body: { current: 'what somebody guesses', next: '또 하나의 불빛이다' } }),
      gets: () => 'sign-in-failed',
    },
  ],
  lookUpForStaff: [{ door: 'device', rules: 'B54', does: (cell) => cell.ask('lookUpForStaff', { body: { handle: 'dummy' } }), gets: ifStaff }],
  setRole: [
    {
      case: 'a member, and back',
      door: 'device',
      rules: 'B53, B54',
      async does(cell) {
        const given = await cell.ask('setRole', { ...dummyOf(cell), body: { role: 'moderator', was: 'member', reason: '시험' } })
        return given === 'ok' ? cell.ask('setRole', { ...dummyOf(cell), body: { role: 'member', was: 'moderator', reason: '시험' } }) : given
      },
      gets: ifAdmin,
    },
  ],
  suspend: [
    {
      case: 'a member, and lifted',
      door: 'device',
      rules: 'B54, B55',
      async does(cell) {
        const suspensionId = randomUUID()
        const done = await cell.ask('suspend', { ...dummyOf(cell), body: { suspensionId, forMs: null, reason: '시험', appeal: '' } })
        return done === 'ok' ? cell.ask('liftSuspension', { ...dummyOf(cell), body: { suspensionId, reason: '시험' } }) : done
      },
      gets: ifStaff,
    },
  ],
  liftSuspension: [
    {
      case: 'of somebody who has none',
      door: 'device',
      rules: 'B54, B56',
      does: (cell) => cell.ask('liftSuspension', { ...dummyOf(cell), body: { suspensionId: randomUUID(), reason: '시험' } }),
      gets: (who) => (ifStaff(who) === 'ok' ? 'acted-already' : 'forbidden'),
    },
  ],
  warn: [
    {
      door: 'device',
      rules: 'B54, B57',
      does: (cell) => cell.ask('warn', { params: { accountId: cell.dummy.accountId, noticeId: randomUUID() }, body: { text: '조심해 주세요' } }),
      gets: ifStaff,
    },
  ],
  readJournal: [{ door: 'device', rules: 'B50, B54', does: (cell) => cell.ask('readJournal'), gets: ifAdmin }],
  putAwayNotice: [{ door: 'device', rules: 'B57', does: (cell) => cell.ask('putAwayNotice', { params: { noticeId: randomUUID() } }), gets: always }],
  addFriend: [
    { case: 'the host, by id', door: 'device', rules: 'B71', does: (cell) => cell.ask('addFriend', hostOf(cell)), gets: ifSeesHost },
    {
      case: 'nobody’s id',
      door: 'device',
      rules: 'B71',
      does: (cell) => cell.ask('addFriend', { params: { accountId: randomUUID() } }),
      gets: () => 'not-found',
    },
    {
      case: 'whose handle was looked up',
      door: 'device',
      rules: 'B71',
      async does(cell) {
        const found = await cell.ask('lookUpHandle', { body: { handle: 'shy' } })
        return found === 'ok' ? cell.ask('addFriend', { params: { accountId: cell.shy.accountId } }) : found
      },
      gets: always,
    },
  ],
  lookUpHandle: [{ door: 'device', rules: 'W4, B72', does: (cell) => cell.ask('lookUpHandle', { body: { handle: 'dummy' } }), gets: always }],
  lookUpPeople: [
    {
      case: 'the host',
      door: 'device',
      rules: 'W4',
      async does(cell) {
        const answered = await cell.answer('lookUpPeople', { body: { accountIds: [cell.host.accountId] } })
        if (answered.status !== 200) return cell.ask('lookUpPeople', { body: { accountIds: [cell.host.accountId] } })
        return (answered.body as { people: unknown[] }).people.length > 0 ? 'ok' : 'nothing'
      },
      gets: (who) => (seesHost(who) ? 'ok' : 'nothing'),
    },
  ],
  removeFriend: [
    { door: 'device', rules: 'B71', does: (cell) => cell.ask('removeFriend', dummyOf(cell)), gets: always },
    {
      case: 'nobody’s id',
      door: 'device',
      rules: 'B71',
      does: (cell) => cell.ask('removeFriend', { params: { accountId: randomUUID() } }),
      gets: always,
    },
  ],
  block: [
    {
      case: 'the host',
      door: 'device',
      rules: 'B1',
      async does(cell) {
        const outcome = await cell.ask('block', hostOf(cell))
        // So that the host can go on inviting.
        await cell.ask('unblock', hostOf(cell))
        return outcome
      },
      gets: ifSeesHost,
    },
  ],
  putAwayAdded: [{ door: 'device', rules: 'B45', does: (cell) => cell.ask('putAwayAdded', hostOf(cell)), gets: always }],
  unblock: [{ door: 'device', rules: 'B71', does: (cell) => cell.ask('unblock', hostOf(cell)), gets: always }],
  openDirect: [{ door: 'device', rules: 'B1, B22', does: (cell) => cell.ask('openDirect', dummyOf(cell)), gets: always }],
  leaveDirect: [
    {
      case: 'with the host',
      door: 'device',
      rules: 'B4',
      does: (cell) => cell.ask('leaveDirect', { ...hostOf(cell), query: '?seq=1' }),
      // Nobody has a conversation of two with themselves.
      gets: (who) => (who.direct === 'never' || isHost(who) ? 'not-found' : 'ok'),
    },
  ],
  putAside: [
    {
      case: 'the group',
      door: 'device',
      rules: 'B5',
      does: (cell) => cell.ask('putAside', { ...roomOf(cell.group), body: { seq: 1 } }),
      gets: ifMember,
    },
    {
      case: 'the 1:1',
      door: 'device',
      rules: 'B5',
      does: (cell) => cell.ask('putAside', { ...roomOf(cell.direct), body: { seq: 1 } }),
      gets: ifOfTheTwo,
    },
  ],
  takeBack: [{ case: 'the group', door: 'device', rules: 'B5', does: (cell) => cell.ask('takeBack', roomOf(cell.group)), gets: ifMember }],
  report: [
    {
      case: 'a message of the host',
      door: 'device',
      rules: 'B60, W4',
      does: (cell) => report(cell, { kind: 'message', ...messageIn(cell.group) }),
      gets: (who) => (isHost(who) ? 'body-invalid' : ifSeen(who)),
    },
    { case: 'the group', door: 'device', rules: 'B60', does: (cell) => report(cell, { kind: 'room', ...roomOf(cell.group).params }), gets: ifMember },
    { case: 'the host', door: 'device', rules: 'B60', does: (cell) => report(cell, { kind: 'person', ...hostOf(cell).params }), gets: ifSeesHost },
  ],
  listCases: [
    { door: 'device', rules: 'B62', does: (cell) => cell.ask('listCases'), gets: ifStaff },
    {
      case: 'after a case that does not exist',
      door: 'device',
      rules: 'B62, B83',
      does: (cell) => cell.ask('listCases', { query: `?after=${randomUUID()}` }),
      gets: (who) => (ifStaff(who) === 'ok' ? 'not-found' : 'forbidden'),
    },
  ],
  readCase: [{ door: 'device', rules: 'B62', does: async (cell) => cell.ask('readCase', { params: { caseId: await caseOf(cell) } }), gets: ifStaff }],
  closeCase: [
    {
      door: 'device',
      rules: 'B62, B65',
      async does(cell) {
        // A case for each of the staff, because one is decided once.
        if (cell.who.staff !== undefined)
          await cell.asHost('report', { body: { id: randomUUID(), reported: { kind: 'room', ...roomOf(cell.group).params }, reason: 'other' } })
        return cell.ask('closeCase', { params: { caseId: await caseOf(cell) }, body: { act: { kind: 'none' } } })
      },
      gets: ifStaff,
    },
    {
      case: 'by a warning',
      door: 'device',
      rules: 'B54, B65',
      async does(cell) {
        const reported = { kind: 'person', ...dummyOf(cell).params }
        if (cell.who.staff !== undefined) await cell.asHost('report', { body: { id: randomUUID(), reported, reason: 'other' } })
        const { cases = [] } = (await cell.answer('listCases')).body as Partial<Reply<'listCases'>>
        const caseId = cases.find(({ person }) => person?.accountId === cell.dummy.accountId)?.caseId ?? randomUUID()
        return cell.ask('closeCase', { params: { caseId }, body: { act: { kind: 'warn', text: '조심해 주세요' } } })
      },
      gets: ifStaff,
    },
  ],
  acceptRequest: [
    {
      case: 'to the group',
      door: 'device',
      rules: 'B41, W4',
      does: (cell) => cell.ask('acceptRequest', roomOf(cell.group)),
      // Who is in already has accepted.
      gets: (who) => (isIn(who) || who.group === 'pending' ? 'ok' : 'not-found'),
    },
  ],
  declineRequest: [{ door: 'device', rules: 'B41', does: (cell) => cell.ask('declineRequest', roomOf(cell.group)), gets: always }],
  setReach: [{ door: 'device', rules: 'B40', does: (cell) => cell.ask('setReach', { body: { from: 'everyone' } }), gets: always }],
  createGroup: [
    { door: 'device', rules: 'B22', does: (cell) => cell.ask('createGroup', groupWith(cell.dummy.accountId)), gets: always },
    {
      case: 'with somebody who has blocked the blocked caller',
      door: 'device',
      rules: 'B2',
      does: (cell) => cell.ask('createGroup', groupWith(cell.shy.accountId)),
      gets: ({ blocked }) => (blocked === true ? 'body-invalid' : 'ok'),
    },
    {
      case: 'with a name that speaks for the server',
      door: 'device',
      rules: 'B30',
      does: (cell) => cell.ask('createGroup', groupWith(cell.dummy.accountId, '관리자')),
      gets: ifStaff,
    },
  ],
  readHistory: [
    { case: 'the group', door: 'device', rules: 'W4, D10', does: (cell) => cell.ask('readHistory', roomOf(cell.group)), gets: ifMember },
    { case: 'the 1:1', door: 'device', rules: 'W4, B4', does: (cell) => cell.ask('readHistory', roomOf(cell.direct)), gets: ifOfTheTwo },
  ],
  listMembers: [
    { case: 'the group', door: 'device', rules: 'W4', does: (cell) => cell.ask('listMembers', roomOf(cell.group)), gets: ifMember },
    { case: 'the 1:1', door: 'device', rules: 'W4', does: (cell) => cell.ask('listMembers', roomOf(cell.direct)), gets: ifOfTheTwo },
  ],
  createInvite: [{ door: 'device', rules: 'B23', does: (cell) => cell.ask('createInvite', { body: { validMs: 60_000, uses: 1 } }), gets: always }],
  listInvites: [
    {
      case: 'the host’s',
      door: 'device',
      rules: 'W4',
      async does(cell) {
        const { inviteId } = await codeOf(cell)
        const answered = await cell.answer('listInvites')
        if (answered.status !== 200) return cell.ask('listInvites')
        return answered.text.includes(inviteId) ? 'ok' : 'nothing'
      },
      gets: (who) => (isHost(who) || who.staff === 'admin' ? 'ok' : 'nothing'),
    },
  ],
  revokeInvite: [
    {
      case: 'the host’s',
      door: 'device',
      rules: 'W4',
      does: async (cell) => cell.ask('revokeInvite', { params: { inviteId: (await codeOf(cell)).inviteId } }),
      gets: (who) => (isHost(who) || who.staff === 'admin' ? 'ok' : 'not-found'),
    },
  ],
  reportOutages: [
    {
      door: 'device',
      rules: 'F4',
      does: (cell) =>
        cell.ask('reportOutages', { body: { outages: [{ id: randomUUID(), agoMs: 0, lastedMs: 6_000, part: 'connection', unsent: 0 }] } }),
      gets: always,
    },
  ],
  figures: [{ ...key, does: (cell) => cell.ask('figures') }],
  readReports: [{ ...key, does: (cell) => cell.ask('readReports', { query: '?from=0&to=1' }) }],
  inviteCanaries: [{ ...key, does: (cell) => cell.ask('inviteCanaries', { body: { count: 1 } }) }],
}
