import type { AccountId } from '@bongsu/protocol'

export function hasRepeats(accounts: readonly AccountId[]): boolean {
  return new Set(accounts).size !== accounts.length
}
