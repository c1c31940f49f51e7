import type { AccountId } from '@bongsu/protocol'
import { statement } from '../accounts/builder.ts'
import { checkJournal, readJournal } from '../accounts/journal.ts'
import type { JournalRow } from '../accounts/journal-chain.ts'
import type { Desk } from './desk.ts'

/** Rows that are read at a time. */
const PAGE = 500
/** Rows that are shown unless another number is asked for. */
const SHOWN = 50

export interface JournalWish {
  /** Whose rows. */
  readonly handle: string | undefined
  readonly limit: string | undefined
  readonly json: boolean
}

/** `npx bongsu audit`: the newest rows of the journal, oldest first, and whether its chain holds [B50]. @returns the exit code. */
export async function showJournal(desk: Desk, wish: JournalWish): Promise<number> {
  const limit = wish.limit === undefined ? SHOWN : Number(wish.limit)
  if (!Number.isInteger(limit) || limit < 0) throw new Error('--limit is a number of rows.')
  const names = await namesOf(desk)
  const account = [...names].find(([, handle]) => handle === wish.handle?.toLowerCase())?.[0] as AccountId | undefined
  if (wish.handle !== undefined && account === undefined) throw new Error(`There is no account ${wish.handle}.`)
  const rows: JournalRow[] = []
  for (let more = limit > 0; more && rows.length < limit;) {
    const page = await readJournal(desk, { below: rows.at(-1)?.seq, limit: Math.min(PAGE, limit - rows.length), account })
    rows.push(...page.rows)
    ;({ more } = page)
  }
  const faults: { readonly seq: number; readonly what: string }[] = []
  const { count, last } = await checkJournal(desk, (seq, what) => faults.push({ seq, what }))
  const shown = rows.toReversed().map((row) => ({ ...row, details: JSON.parse(row.details) as unknown }))
  if (wish.json) desk.out(JSON.stringify({ rows: shown, count, last, faults }, null, 2))
  else {
    for (const { seq, at, kind, actor, account_id, details } of shown) {
      const whom = account_id === null || account_id === actor ? '' : ` -> ${names.get(account_id) ?? account_id}`
      const told = JSON.stringify(details)
      desk.out(`${seq}  ${new Date(at).toISOString()}  ${kind}  ${names.get(actor) ?? actor}${whom}${told === '{}' ? '' : `  ${told}`}`)
    }
    for (const { seq, what } of faults) desk.out(`Row ${seq} ${what}.`)
    desk.out(faults.length === 0 ? `The chain of ${count} rows holds.` : `The chain of ${count} rows is broken at row ${faults[0]?.seq}.`)
    if (last !== null) desk.out(`Its last row is ${last.seq} ${last.hash}`)
  }
  return faults.length === 0 ? 0 : 1
}

async function namesOf({ sql, db }: Desk): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.read<{ account_id: AccountId; handle: string }>(statement(db.selectFrom('accounts').select(['account_id', 'handle'])))
  return new Map(rows.map(({ account_id, handle }) => [account_id, handle]))
}
