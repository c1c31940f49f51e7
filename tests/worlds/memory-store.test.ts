import assert from 'node:assert/strict'
import type { AccountId } from '@bongsu/protocol'
import type { SqlDatabase } from '../../apps/server/src/accounts/sql-database.ts'
import { itemsPropertyContract } from '../contract/items-property.ts'
import { logItemsContract } from '../contract/log-items.ts'
import { logMembershipContract } from '../contract/log-membership.ts'
import { logRequestsContract } from '../contract/log-requests.ts'
import { logRolesContract } from '../contract/log-roles.ts'
import { logStoreContract } from '../contract/log-store.ts'
import { receiptStoreContract } from '../contract/receipt-store.ts'
import { resumeStoreContract } from '../contract/resume-store.ts'
import type { OpenSubject } from '../contract/stores.ts'
import { createMemoryStore } from './memory-store.ts'

// The fake that other tests believe keeps the same contract as the database.
const openMemory: OpenSubject = async () => {
  const store = createMemoryStore()
  // The suites make accounts by SQL; of that only the inserting of rows of seven columns and the role of staff are understood here.
  const sql: SqlDatabase = {
    dialect: 'sqlite',
    read: () => assert.fail('no SQL is read from memory'),
    async atomic(steps) {
      for (const { sql: text, parameters } of steps) {
        if (text === 'update "accounts" set "moderator" = ? where "account_id" = ?') {
          store.makeStaff(parameters[1] as AccountId)
          continue
        }
        assert.match(text, /^insert into "accounts" \("account_id", "handle", "display_name"/)
        for (let at = 0; at < parameters.length; at += 7)
          store.addAccount(parameters[at] as AccountId, String(parameters[at + 1]), String(parameters[at + 2]))
      }
      return { ok: true, rows: [] }
    },
  }
  const stores = { ...store, sql }
  return { stores, reopen: async () => stores, close: async () => {} }
}

logStoreContract('memory', openMemory)
logMembershipContract('memory', openMemory)
logRequestsContract('memory', openMemory)
logRolesContract('memory', openMemory)
logItemsContract('memory', openMemory)
itemsPropertyContract('memory', openMemory)
resumeStoreContract('memory', openMemory)
receiptStoreContract('memory', openMemory)
