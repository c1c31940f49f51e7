import { LIMITS, type AccountId, type Person, type Reply } from '@bongsu/protocol'
import { sql } from 'kysely'
import { statement, step } from './builder.ts'
import { inviteSteps } from './invites.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'

/** Validity of a canary's invite: it is used at once or never. */
const VALID_MS = 600_000

/** Part of the statement's text instead of a parameter, so that the partial index is used. */
const isCanaryRow = sql<boolean>`canary = 1`

/** Accounts of the sentinel, known to this process without asking the store [F3]. */
export interface Canaries {
  readonly has: (accountId: AccountId) => boolean
  readonly hasHandle: (handle: string) => boolean
  readonly add: (person: Pick<Person, 'accountId' | 'handle'>) => void
  /** Reads the canaries created by other processes. */
  readonly learn: () => Promise<void>
}

export function createCanaries({ sql: database, db }: Pick<AccountsParts, 'sql' | 'db'>): Canaries {
  const ids = new Set<AccountId>()
  const handles = new Set<string>()
  function add({ accountId, handle }: Pick<Person, 'accountId' | 'handle'>): void {
    ids.add(accountId)
    handles.add(handle)
  }
  return {
    has: (accountId) => ids.has(accountId),
    hasHandle: (handle) => handles.has(handle.toLowerCase()),
    add,
    async learn() {
      const query = db.selectFrom('accounts').select(['account_id', 'handle']).where(isCanaryRow)
      const rows = await database.read<{ account_id: AccountId; handle: string }>(statement(query))
      for (const row of rows) add({ accountId: row.account_id, handle: row.handle })
    },
  }
}

/** Creates invites for canaries, up to the bound, unused invites included. Refused beyond it, also for simultaneous requests. */
export async function inviteCanaries(parts: AccountsParts, count: number): Promise<Answer<Reply<'inviteCanaries'>>> {
  const { db, clock, random } = parts
  const now = clock.now()
  const accounts = sql<number>`(SELECT count(*) FROM accounts WHERE canary = 1)`
  const open = sql<number>`(SELECT count(*) FROM invites WHERE canary = 1 AND revoked_at IS NULL AND expires_at > ${now} AND uses < uses_max)`
  const room = db
    .selectFrom('meta')
    .select('key')
    .where('key', '=', 'epoch')
    .where(sql<boolean>`${accounts} + ${open} + ${count} <= ${LIMITS.canariesMax}`)
  const invites = Array.from({ length: count }, () =>
    inviteSteps(
      parts,
      { inviteId: random.uuid(), role: 'member', createdAt: now, expiresAt: now + VALID_MS, usesLeft: 1 },
      { maker: null, canary: true },
    ),
  )
  const result = await parts.sql.atomic([step(room, 1, 'full'), ...invites.flatMap(({ steps }) => steps)])
  if (result.ok) return answer({ codes: invites.map(({ code }) => code) })
  if (result.failed === 'full') return refuse('limit-reached')
  throw new Error(`Invites could not be written: ${result.failed}`)
}
