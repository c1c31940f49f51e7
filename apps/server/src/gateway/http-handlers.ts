import {
  faultInTitle,
  PROTOCOL_VERSION,
  type Body,
  type ClientMessageId,
  type ConversationId,
  type Params,
  type Query,
  type Reply,
  type RouteName,
} from '@bongsu/protocol'
import { listDevices, revokeDevice } from '../accounts/devices.ts'
import { putAwayAdded } from '../accounts/added.ts'
import { setAside } from '../accounts/aside.ts'
import { block, unblock } from '../accounts/blocks.ts'
import { inviteCanaries } from '../accounts/canaries.ts'
import { listCases, readCase } from '../accounts/cases.ts'
import { closeCase } from '../accounts/close-case.ts'
import { addFriend, removeFriend } from '../accounts/friends.ts'
import { checkInvite, createInvite, listInvites, revokeInvite } from '../accounts/invites.ts'
import { leaveDirect } from '../accounts/leave-direct.ts'
import type { Lookups } from '../accounts/lookups.ts'
import { directOf, joinedSeqOf } from '../accounts/membership.ts'
import { answer, refuse, type AccountsParts, type Answer, type Caller } from '../accounts/parts.ts'
import { listMembers } from '../accounts/list-members.ts'
import { changeProfile, lookUpPeople, mayTitle } from '../accounts/people.ts'
import { report } from '../accounts/report.ts'
import { changePassword, signIn } from '../accounts/sign-in.ts'
import { acceptRequest, comeTo, declineRequest, invitationOf, setReach } from '../accounts/requests.ts'
import type { SignInGuard } from '../accounts/sign-in-guard.ts'
import { signUpOnce } from '../accounts/sign-up.ts'
import { journalPage, liftSuspension, lookUpForStaff, putAwayNotice, setRole, suspend, warn } from '../accounts/staff.ts'
import type { ActsOfStaff } from '../conversation/acts-of-staff.ts'
import { readHistory } from '../conversation/history.ts'
import type { AppendRefused, AppendRequest, Appended, LogStore, Opened } from '../conversation/log-store.ts'
import type { Activity } from '../figures/activity.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import type { Figures } from '../figures/figures.ts'
import { readReports, storeReports } from '../figures/outage-reports.ts'
import type { Limits } from '../ops/limits.ts'
import type { Quotas } from './quotas.ts'
import { hasRepeats } from '../conversation/validate.ts'

export interface HttpParts {
  readonly accounts: AccountsParts
  readonly guard: SignInGuard
  readonly nameLimits: Limits
  readonly lookups: Lookups
  readonly quotas: Pick<Quotas, 'begin' | 'report' | 'short'>
  readonly log: LogStore
  readonly acts: ActsOfStaff
  /** A conversation was created, and its members are to be told. */
  readonly opened: (opened: Opened) => void
  /** An entry was written for this request, and is to be sent. */
  readonly appended: (request: AppendRequest, result: Appended) => void
  readonly name: string
  readonly registration: 'invite' | 'open'
  /** Address of the sentinel's pages; null when not configured. */
  readonly statusUrl: string | null
  readonly figures: Pick<Figures, 'signIn' | 'sample'>
  readonly activity: Activity
}

/** A handler's view of a request. `caller` is set on every route that is neither open nor uses a key. */
export interface Request<N extends RouteName> {
  readonly caller: Caller
  readonly address: string
  readonly params: Params<N>
  readonly query: Query<N>
  readonly body: Body<N>
}

export type HttpHandlers = { readonly [N in RouteName]: (parts: HttpParts, request: Request<N>) => Promise<Answer<Reply<N>>> }

/** Every HTTP operation of the protocol has exactly one handler [W2]. */
export const httpHandlers: HttpHandlers = {
  server: async ({ name, registration, statusUrl }) =>
    answer({ name, registration, protocolVersion: PROTOCOL_VERSION, ...(statusUrl === null ? {} : { statusUrl }) }),
  checkInvite: ({ accounts }, { body }) => checkInvite(accounts, body.code),
  signUp: async ({ accounts, guard, registration, quotas, lookups }, { body, address }) =>
    quotas.short() ?? lookups.joining(body.code, address, () => signUpOnce(accounts, guard, body, registration, address)),
  signIn: ({ accounts, guard, figures }, { body, address }) => figures.signIn(body.handle, () => signIn(accounts, guard, body, address)),
  signOut: ({ accounts }, { caller }) => revokeDevice(accounts, caller.accountId, caller.deviceId),
  revokeDevice: ({ accounts }, { caller, params }) => revokeDevice(accounts, caller.accountId, params.deviceId),
  listDevices: async ({ accounts }, { caller }) => answer({ devices: [...(await listDevices(accounts, caller.accountId))] }),
  changeProfile: ({ accounts, nameLimits }, { caller, body }) => changeProfile(accounts, nameLimits, caller.accountId, body.displayName),
  changePassword: ({ accounts, guard }, { caller, body, address }) => changePassword(accounts, guard, caller, body, address),
  lookUpHandle: ({ lookups }, { caller, body }) => lookups.byHandle(caller.accountId, body.handle),
  lookUpPeople: ({ accounts }, { caller, body }) => lookUpPeople(accounts, caller.accountId, body.accountIds),
  // [B71]
  async addFriend({ accounts, lookups }, { caller: { accountId }, params }) {
    if (!(await lookups.sees(accountId, params.accountId))) return refuse('not-found')
    return addFriend(accounts, accountId, params.accountId, await lookups.mayTell(accountId))
  },
  removeFriend: ({ accounts }, { caller, params }) => removeFriend(accounts, caller.accountId, params.accountId),

  block: ({ accounts }, { caller, params }) => block(accounts, caller.accountId, params.accountId),
  putAwayAdded: ({ accounts }, { caller, params }) => putAwayAdded(accounts, caller.accountId, params.accountId),
  unblock: ({ accounts }, { caller, params }) => unblock(accounts, caller.accountId, params.accountId),

  lookUpForStaff: ({ accounts }, { caller, body }) => lookUpForStaff(accounts, caller.accountId, body.handle),
  setRole: ({ accounts }, { caller, params, body }) => setRole(accounts, caller.accountId, params.accountId, body),
  suspend: ({ accounts }, { caller, params, body }) => suspend(accounts, caller.accountId, params.accountId, body),
  liftSuspension: ({ accounts }, { caller, params, body }) => liftSuspension(accounts, caller.accountId, params.accountId, body),
  warn: ({ accounts }, { caller, params, body }) => warn(accounts, caller.accountId, params.accountId, params.noticeId, body.text),
  readJournal: ({ accounts }, { caller, query }) => journalPage(accounts, caller.accountId, query),
  putAwayNotice: ({ accounts }, { caller, params }) => putAwayNotice(accounts, caller.accountId, params.noticeId),

  async openDirect(parts, { caller, params }) {
    const { random, clock } = parts.accounts
    const kind = caller.accountId === params.accountId ? 'self' : 'direct'
    const there = await directOf(parts.accounts, caller.accountId, params.accountId)
    if (there !== null) {
      // [B41] Whoever comes to a person has let them in.
      const come = await comeTo(parts.accounts, caller.accountId, params.accountId)
      return come === 'full' ? refuse('limit-reached') : answer({ conversationId: there, kind })
    }
    return opening(parts, caller, kind === 'self' ? 0 : 1, async () => {
      const [id, entryId] = [random.uuid() as ConversationId, random.uuid() as ClientMessageId]
      const made = await parts.log.openDirect(id, entryId, caller.accountId, params.accountId, clock.now())
      // Both opened it at the same moment, and the other one was first.
      if ('existed' in made && made.existed) await comeTo(parts.accounts, caller.accountId, params.accountId)
      return { made, value: ({ conversationId }) => ({ conversationId, kind }) }
    })
  },

  leaveDirect: ({ accounts }, { caller, params, query }) => leaveDirect(accounts, caller.accountId, params.accountId, query.seq),
  putAside: ({ accounts }, { caller, params, body }) => setAside(accounts, caller.accountId, params.conversationId, { seq: body.seq }),
  takeBack: ({ accounts }, { caller, params }) => setAside(accounts, caller.accountId, params.conversationId, null),

  report: ({ accounts, log, quotas }, { caller, body }) =>
    report({ ...accounts, log }, caller.accountId, body, () => quotas.report(caller.accountId)),
  listCases: ({ accounts }, { caller, query }) => listCases(accounts, caller.accountId, query),
  readCase: ({ accounts }, { caller, params }) => readCase(accounts, caller.accountId, params.caseId),
  closeCase: ({ accounts, acts }, { caller, params, body }) => closeCase({ ...accounts, acts }, caller.accountId, params.caseId, body),
  async acceptRequest(parts, { caller, params }) {
    const { accountId } = caller
    const { conversationId } = params
    const invitation = await invitationOf(parts.accounts, accountId, conversationId)
    if (invitation === null) return acceptRequest(parts.accounts, accountId, conversationId)
    const { random, clock } = parts.accounts
    const body = { kind: 'invited', accounts: [accountId] } as const
    const request = { conversationId, author: invitation.from.accountId, id: random.uuid() as ClientMessageId, body, agreed: true } as const
    const [result] = await parts.log.append([request], clock.now())
    if (result?.ok === true) {
      parts.appended(request, result)
      return answer({ conversationId, kind: 'group' })
    }
    if (result?.code === 'limit-reached' || result?.code === 'conversation-full') return refuse(result.code)
    // Decided on another device, or nobody may invite any more who did.
    const decided = await acceptRequest(parts.accounts, accountId, conversationId)
    if (!decided.ok) await declineRequest(parts.accounts, accountId, conversationId)
    return decided
  },
  declineRequest: ({ accounts }, { caller, params }) => declineRequest(accounts, caller.accountId, params.conversationId),
  setReach: ({ accounts }, { caller, body }) => setReach(accounts, caller.accountId, body.from),

  async createGroup(parts, { caller, body }) {
    const fault = faultInTitle(body.title) ?? (hasRepeats(body.accounts) ? 'body-invalid' : null)
    if (fault !== null) return refuse(fault)
    if (!(await mayTitle(parts.accounts, caller.accountId, body.title))) return refuse('forbidden') // [B30]
    const { random, clock } = parts.accounts
    return opening(parts, caller, body.accounts.length, async () => {
      const made = await parts.log.createGroup({ conversationId: random.uuid() as ConversationId, author: caller.accountId, ...body }, clock.now())
      return { made, value: ({ conversationId }) => ({ conversationId }) }
    })
  },

  async readHistory({ accounts, log }, { caller, params, query }) {
    const { conversationId } = params
    const joinedSeq = await joinedSeqOf(accounts, caller.accountId, conversationId)
    if (joinedSeq === null) return refuse('not-a-member')
    const page = await readHistory(log, conversationId, joinedSeq, query)
    // A caller who left during the read must not see newer entries [W4].
    if ((await joinedSeqOf(accounts, caller.accountId, conversationId)) !== joinedSeq) return refuse('not-a-member') // [seam: member-after-read]
    const { items, ...rest } = page
    return answer({ ...rest, entries: [...page.entries], ...(items === undefined ? {} : { items: [...items] }) })
  },

  listMembers: ({ accounts }, { caller, params, query }) => listMembers(accounts, caller.accountId, params.conversationId, query),
  createInvite: async ({ accounts, quotas }, { caller, body }) => quotas.short() ?? createInvite(accounts, caller.accountId, body),
  listInvites: ({ accounts }, { caller }) => listInvites(accounts, caller.accountId),
  revokeInvite: ({ accounts }, { caller, params }) => revokeInvite(accounts, caller.accountId, params.inviteId),
  reportOutages: ({ accounts }, { caller, body }) => storeReports(accounts, caller.accountId, body),
  figures: async ({ figures }) => answer(figures.sample()),
  async readReports({ accounts, activity }, { query }) {
    // So that accounts connected now are counted.
    await activity.write(FIGURES_BOUNDS.activityAgainMs)
    return readReports(accounts, query)
  },
  inviteCanaries: ({ accounts }, { body }) => inviteCanaries(accounts, body.count),
}

interface Made<T> {
  readonly made: Opened | AppendRefused
  readonly value: (opened: Opened) => T
}

/** Makes a conversation when its author may make one more, and put so many people into it [B23]. */
async function opening<T>(parts: HttpParts, { accountId }: Caller, joins: number, make: () => Promise<Made<T>>): Promise<Answer<T>> {
  const begun = await parts.quotas.begin(accountId, 1, joins)
  if (!begun.ok) return begun
  let opened: Opened | null = null
  try {
    const { made, value } = await make()
    if ('code' in made) return refuse(made.code)
    if (made.existed) return answer(value(made))
    opened = made
    parts.opened(made)
    return answer(value(made))
  } finally {
    await begun.end(opened === null ? 0 : 1, opened?.accounts.filter((each) => each !== accountId).length ?? 0)
  }
}
