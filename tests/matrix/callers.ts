/** Standing in the group of a row. `pending`: the host's invitation waits for the account's decision. `newcomer`: invited after something had been said. */
export type Standing = 'never' | 'pending' | 'left' | 'removed' | 'barred' | 'newcomer' | 'member' | 'deputy' | 'host'

/** What a kind of caller is, as far as the rules of SPEC.md look at it. */
export interface Traits {
  /** What the caller shows to the server. Only `device` is the token of a signed-in device. */
  readonly shows: 'nothing' | 'forged token' | 'revoked token' | 'suspended token' | 'key of the sentinel' | 'device'
  readonly group: Standing
  /** Conversation of two with the host. */
  readonly direct: 'never' | 'there' | 'left'
  /** Has the host as a friend. */
  readonly friend?: true
  /** Blocked by the host, and by somebody who shares nothing with anybody. */
  readonly blocked?: true
  readonly staff?: 'admin' | 'moderator'
  readonly canary?: true
}

const stranger = { shows: 'device', group: 'never', direct: 'never' } as const

/**
 * Every kind of caller. One more kind is one more entry: its traits say what each rule gives it. They try each operation in this order. The host comes
 * last, because only the host can end what the others still need.
 */
export const CALLERS = {
  nobody: { ...stranger, shows: 'nothing' },
  forger: { ...stranger, shows: 'forged token' },
  'revoked-device': { ...stranger, shows: 'revoked token', group: 'member' },
  suspended: { ...stranger, shows: 'suspended token', group: 'member' },
  sentinel: { ...stranger, shows: 'key of the sentinel' },
  stranger,
  friend: { ...stranger, friend: true },
  canary: { ...stranger, canary: true },
  admin: { ...stranger, staff: 'admin' },
  moderator: { ...stranger, staff: 'moderator' },
  pending: { ...stranger, group: 'pending' },
  left: { ...stranger, group: 'left' },
  removed: { ...stranger, group: 'removed' },
  barred: { ...stranger, group: 'barred' },
  'peer-left': { ...stranger, direct: 'left' },
  peer: { ...stranger, direct: 'there' },
  newcomer: { ...stranger, group: 'newcomer' },
  blocked: { ...stranger, group: 'member', blocked: true },
  member: { ...stranger, group: 'member' },
  deputy: { ...stranger, group: 'deputy' },
  host: { ...stranger, group: 'host', direct: 'there' },
} as const satisfies Record<string, Traits>

export type CallerName = keyof typeof CALLERS

const RANKS: readonly Standing[] = ['newcomer', 'member', 'deputy', 'host']

/** Whether the account is in the group, with at least this role. */
export function isIn({ group }: Traits, least: 'member' | 'deputy' | 'host' = 'member'): boolean {
  const rank = RANKS.indexOf(group)
  return rank >= 0 && rank >= (least === 'member' ? 0 : RANKS.indexOf(least))
}

/** Whether W4 shows the host's name to this account. */
export function seesHost(who: Traits): boolean {
  return isIn(who) || who.direct !== 'never' || who.friend === true
}
