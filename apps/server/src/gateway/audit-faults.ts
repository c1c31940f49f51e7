import type { AccountId } from '@bongsu/protocol'
import type { Clock } from '../ops/clock.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

/**
 * Counts the audit faults that devices report [A3]. An operator is woken by this count, so one account raises it by a few an hour and no more.
 * @returns called for each report.
 */
export function createAuditFaults(clock: Pick<Clock, 'monotonic'>, counted: () => void): (accountId: AccountId) => void {
  /** By account, longest known first. */
  const told = new Map<AccountId, { count: number; readonly since: number }>()
  return (accountId) => {
    const now = clock.monotonic()
    let mine = told.get(accountId)
    if (mine === undefined || now - mine.since >= GATEWAY_BOUNDS.auditFaultsWindowMs) {
      told.delete(accountId)
      if (told.size >= GATEWAY_BOUNDS.auditFaultAccountsMax) for (const longest of told.keys().take(1)) told.delete(longest)
      told.set(accountId, (mine = { count: 0, since: now }))
    }
    if (mine.count >= GATEWAY_BOUNDS.auditFaultsPerAccount) return
    mine.count++
    counted()
  }
}
