import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { AccountId, AccountItem, DeviceId, SignedIn } from '@bongsu/protocol'
import { createBuilder } from '../../apps/server/src/accounts/builder.ts'
import { inviteFirstAdmin } from '../../apps/server/src/accounts/invites.ts'
import { createJournal } from '../../apps/server/src/accounts/journal.ts'
import type { AccountsParts } from '../../apps/server/src/accounts/parts.ts'
import { createPasswords, type Passwords } from '../../apps/server/src/accounts/passwords.ts'
import { signUp } from '../../apps/server/src/accounts/sign-up.ts'
import { createTokens } from '../../apps/server/src/accounts/tokens.ts'
import { openSqliteStore, type SqliteStore } from '../../apps/server/src/adapters/sqlite/open-store.ts'
import { systemRandom } from '../../apps/server/src/adapters/system/random.ts'
import { createSimulatedClock, type SimulatedClock } from './simulated-clock.ts'

export const PASSWORD = '봉수대의 불빛 하나'

export interface AccountsWorld extends AccountsParts {
  readonly store: SqliteStore
  readonly clock: SimulatedClock
  readonly firstAdminCode: string
  readonly risen: AccountId[]
  readonly ended: DeviceId[]
  /** Accounts whose suspension began or was lifted. */
  readonly suspendedOnes: AccountId[]
  /** Handles of those who joined as canaries. */
  readonly canaries: string[]
  join(handle: string, code?: string): Promise<SignedIn>
  /** The newest items of an account's log. */
  items(accountId: AccountId): Promise<readonly AccountItem[]>
}

export const SECRET = new Uint8Array(32).fill(7)

/** The real accounts module on a real database, with time in the hands of the test. */
export async function openAccountsWorld(t: TestContext, passwords: Passwords = createPasswords()): Promise<AccountsWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-accounts-'))
  const store = await openSqliteStore({ directory })
  t.after(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const clock = createSimulatedClock()
  const risen: AccountId[] = []
  const ended: DeviceId[] = []
  const canaries: string[] = []
  const suspended: AccountId[] = []
  const db = createBuilder(store.sql.dialect)
  const parts: AccountsParts = {
    sql: store.sql,
    db,
    clock,
    random: systemRandom,
    tokens: createTokens(SECRET, clock),
    passwords,
    journal: createJournal({ sql: store.sql, db, clock }),
    knownNow: () => clock.now(),
    reach: 'everyone',
    rose: (accountIds) => void risen.push(...accountIds),
    revoked: (deviceIds) => void ended.push(...deviceIds),
    suspended: async (accountId) => void suspended.push(accountId),
    canaryJoined: (person) => void canaries.push(person.handle),
  }
  const firstAdminCode = (await inviteFirstAdmin(parts, SECRET)) ?? ''
  return {
    ...parts,
    store,
    clock,
    firstAdminCode,
    risen,
    ended,
    suspendedOnes: suspended,
    canaries,
    async join(handle, code) {
      const made = await signUp(
        parts,
        { handle, displayName: handle, password: PASSWORD, deviceName: '시험', ...(code === undefined ? {} : { code }) },
        'open',
      )
      if (!made.ok) throw new Error(`${handle} could not join: ${made.code}`)
      return made.value
    },
    items: async (accountId) => (await store.resume.items(accountId, 0, 1_000)).items,
  }
}
