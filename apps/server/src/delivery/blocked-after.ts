import type { AccountId, AccountItem } from '@bongsu/protocol'

/** The blocked people after one more item of the account log; null for nobody. */
export function blockedAfter(
  blocked: ReadonlySet<AccountId> | null,
  { key, value }: Extract<AccountItem, { kind: 'block' }>,
): ReadonlySet<AccountId> | null {
  const after = new Set(blocked)
  if (value === null) after.delete(key)
  else after.add(key)
  return after.size === 0 ? null : after
}
