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
import { inviteCanaries } from '../accounts/canaries.ts'
import { addFriend, removeFriend } from '../accounts/friends.ts'
import { checkInvite, createInvite, listInvites, revokeInvite } from '../accounts/invites.ts'
import { joinedSeqOf } from '../accounts/membership.ts'
import { answer, refuse, type AccountsParts, type Answer, type Caller } from '../accounts/parts.ts'
import { changeProfile, listMembers, lookUpHandle, lookUpPeople } from '../accounts/people.ts'
import { changePassword, signIn } from '../accounts/sign-in.ts'
import type { SignInGuard } from '../accounts/sign-in-guard.ts'
import { signUpOnce } from '../accounts/sign-up.ts'
import { readHistory } from '../conversation/history.ts'
import type { AppendRefused, LogStore, Opened } from '../conversation/log-store.ts'
import type { Activity } from '../figures/activity.ts'
import { FIGURES_BOUNDS } from '../figures/bounds.ts'
import type { Figures } from '../figures/figures.ts'
import { readReports, storeReports } from '../figures/outage-reports.ts'
import type { Limits } from '../ops/limits.ts'
import { hasRepeats } from '../conversation/validate.ts'

export interface HttpParts {
  readonly accounts: AccountsParts
  readonly guard: SignInGuard
  readonly nameLimits: Limits
  readonly log: LogStore
  /** A conversation was created, and its members are to be told. */
  readonly opened: (opened: Opened) => void
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
  signUp: ({ accounts, guard, registration }, { body, address }) => signUpOnce(accounts, guard, body, registration, address),
  signIn: ({ accounts, guard, figures }, { body, address }) => figures.signIn(body.handle, () => signIn(accounts, guard, body, address)),
  signOut: ({ accounts }, { caller }) => revokeDevice(accounts, caller.accountId, caller.deviceId),
  revokeDevice: ({ accounts }, { caller, params }) => revokeDevice(accounts, caller.accountId, params.deviceId),
  listDevices: async ({ accounts }, { caller }) => answer({ devices: [...(await listDevices(accounts, caller.accountId))] }),
  changeProfile: ({ accounts, nameLimits }, { caller, body }) => changeProfile(accounts, nameLimits, caller.accountId, body.displayName),
  changePassword: ({ accounts, guard }, { caller, body, address }) => changePassword(accounts, guard, caller, body, address),
  lookUpHandle: ({ accounts }, { body }) => lookUpHandle(accounts, body.handle),
  lookUpPeople: ({ accounts }, { caller, body }) => lookUpPeople(accounts, caller.accountId, body.accountIds),
  addFriend: ({ accounts }, { caller, params }) => addFriend(accounts, caller.accountId, params.accountId),
  removeFriend: ({ accounts }, { caller, params }) => removeFriend(accounts, caller.accountId, params.accountId),

  async openDirect(parts, { caller, params }) {
    const { random, clock } = parts.accounts
    const made = await parts.log.openDirect(
      random.uuid() as ConversationId,
      random.uuid() as ClientMessageId,
      caller.accountId,
      params.accountId,
      clock.now(),
    )
    const kind = caller.accountId === params.accountId ? 'self' : 'direct'
    return tell(parts, made, (opened) => ({ conversationId: opened.conversationId, kind }))
  },

  async createGroup(parts, { caller, body }) {
    const fault = faultInTitle(body.title) ?? (hasRepeats(body.accounts) ? 'body-invalid' : null)
    if (fault !== null) return refuse(fault)
    const { random, clock } = parts.accounts
    const made = await parts.log.createGroup({ conversationId: random.uuid() as ConversationId, author: caller.accountId, ...body }, clock.now())
    return tell(parts, made, (opened) => ({ conversationId: opened.conversationId }))
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
  createInvite: ({ accounts }, { caller, body }) => createInvite(accounts, caller.accountId, body),
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

function tell<T>(parts: HttpParts, made: Opened | AppendRefused, value: (opened: Opened) => T): Answer<T> {
  if ('code' in made) return refuse(made.code)
  if (!made.existed) parts.opened(made)
  return answer(value(made))
}
