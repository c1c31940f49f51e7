import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AccountId, Body, CaseDetails, ConversationId, Entry, Reported } from '@bongsu/protocol'
import { createBuilder, step } from '../../apps/server/src/accounts/builder.ts'
import { listCases, readCase } from '../../apps/server/src/accounts/cases.ts'
import type { CloseParts } from '../../apps/server/src/accounts/close-case.ts'
import { createJournal } from '../../apps/server/src/accounts/journal.ts'
import { report, type ReportParts } from '../../apps/server/src/accounts/report.ts'
import { createActsOfStaff } from '../../apps/server/src/conversation/acts-of-staff.ts'
import { createSimulatedClock, type SimulatedClock } from '../worlds/simulated-clock.ts'
import { accept, makeAccounts, makeGroup, newId, text, type Stores } from './stores.ts'

/** Somebody who is reported in a group, somebody who reports, and an administrator. */
export interface World {
  readonly parts: ReportParts & CloseParts
  readonly clock: SimulatedClock
  /** Accounts of which other parts of the server were told. */
  readonly told: AccountId[]
  readonly stores: Stores
  readonly admin: AccountId
  readonly reporter: AccountId
  readonly bad: AccountId
  readonly room: ConversationId
  /** Reports, and answers `ok` or the code of the refusal. */
  readonly tell: (by: AccountId, reported: Reported, rest?: Partial<Body<'report'>>) => Promise<string>
  readonly say: (by: AccountId, words: string, room?: ConversationId) => Promise<Entry>
  readonly aboutMessage: (entry: Entry, room?: ConversationId) => Reported
  /** The open cases as the operator sees them. */
  readonly open: () => Promise<readonly CaseDetails[]>
}

export async function worldOf(stores: Stores): Promise<World> {
  const { sql, log } = stores
  const clock = createSimulatedClock()
  const db = createBuilder(sql.dialect)
  const acts = createActsOfStaff({ log, clock, random: { uuid: randomUUID } })
  // Of the accounts module only its database, its clock and chance are used here.
  const journal = createJournal({ sql, db, clock })
  const told: AccountId[] = []
  const hints = { rose: (ids: readonly AccountId[]) => void told.push(...ids), suspended: async (id: AccountId) => void told.push(id) }
  const parts = {
    sql,
    db,
    clock,
    knownNow: () => clock.now(),
    log,
    acts,
    journal,
    random: { uuid: randomUUID },
    ...hints,
  } as unknown as World['parts']
  const [admin, reporter, bad] = (await makeAccounts(stores, 3)) as [AccountId, AccountId, AccountId]
  assert((await sql.atomic([step(db.updateTable('accounts').set({ role: 'admin' }).where('account_id', '=', admin), 1)])).ok)
  const room = await makeGroup(stores, bad, [reporter], '한강서점 손님방')
  return {
    parts,
    told,
    clock,
    stores,
    admin,
    reporter,
    bad,
    room,
    async tell(by, reported, rest = {}) {
      clock.advance(1)
      const answered = await report(parts, by, { id: newId(), reported, reason: 'spam', ...rest }, async () => null)
      return answered.ok ? 'ok' : answered.code
    },
    async say(by, words, into = room) {
      const { seq } = await accept(stores, text(into, by, words), clock.now())
      const [entry] = await log.read(into, seq - 1, 1)
      assert(entry)
      return entry
    },
    aboutMessage: ({ seq, id }, in_ = room) => ({ kind: 'message', conversationId: in_, seq, subject: id }),
    async open() {
      const listed = await listCases(parts, 'operator', {})
      assert(listed.ok)
      return Promise.all(
        listed.value.cases.map(async ({ caseId }) => {
          const read = await readCase(parts, 'operator', caseId)
          assert(read.ok)
          return read.value
        }),
      )
    },
  }
}
