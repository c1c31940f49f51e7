import type { MovingBounds } from './bounds.ts'
import { differences, inGroups, type Difference } from './compare-rows.ts'
import type { MoveSource, MoveTarget, Part, Row } from './move-side.ts'
import {
  ACCOUNT_ITEMS,
  ACCOUNTS,
  ACTS,
  CONVERSATIONS,
  ENTRIES,
  ITEMS,
  MARKS,
  MEMBERS,
  META,
  SMALL,
  START_HEADS,
  STARTS,
  type Table,
} from './tables.ts'

/** What a copy needs of its two sides. */
export interface Copying {
  readonly source: Pick<MoveSource, 'name' | 'look' | 'rows' | 'sums' | 'count'>
  readonly target: Pick<MoveTarget, 'name' | 'look' | 'rows' | 'sums' | 'count' | 'lastSeqs' | 'put' | 'remove'>
  readonly bounds: MovingBounds
  /** Called before each write. */
  readonly step: (rows: number) => void
}

/** An owner whose log differs: its row in the source, and the one in the target, if any. */
type Changed = Extract<Difference, { row: Row }>

/**
 * Brings the target to this moment of the source. The log decides what is copied: entries above the last one there, items and account items with a
 * change above the one there. The row of a conversation or an account says how far its log is copied, and is written after everything else of it. So a
 * round that is interrupted anywhere is continued by the next. @returns the keys of the conversations that were copied.
 */
export async function copyRound(copying: Copying): Promise<readonly number[]> {
  const { source, target, bounds } = copying
  await Promise.all([source.look(), target.look()])
  const rooms: number[] = []
  for await (const changed of inGroups(changedIn(copying, CONVERSATIONS), bounds.ownersAtOnce)) {
    await copyRooms(copying, changed)
    for (const { row } of changed) rooms.push(row['conversation_key'] as number)
  }
  for await (const changed of inGroups(changedIn(copying, ACCOUNTS), bounds.ownersAtOnce)) await copyAccounts(copying, changed)
  if ((await source.count(ACTS)) !== (await target.count(ACTS))) await copyPart(copying, ACTS)
  if (await forgotStarts(copying)) await copyPart(copying, START_HEADS)
  for (const table of SMALL) await copyPart(copying, table)
  return rooms
}

/** The rows of a table whose rows are never removed. */
async function* changedIn({ source, target }: Copying, table: Table): AsyncGenerator<Changed> {
  for await (const { row, there } of differences(table, source.rows(table), target.rows(table))) {
    if (row === null)
      throw new Error(
        `${target.name} has ${table.name} that ${source.name} does not have: the history went back meanwhile. Begin with an empty target.`,
      )
    yield { row, there }
  }
}

async function copyRooms(copying: Copying, changed: readonly Changed[]): Promise<void> {
  const { source, target } = copying
  const keys = changed.map(({ row }) => row['conversation_key'] as number)
  const last = await target.lastSeqs(keys)
  for (const { row } of changed)
    if ((last.get(row['conversation_key'] as number) ?? 0) > (row['head'] as number))
      throw new Error(`${target.name} has entries that ${source.name} does not have: the history went back meanwhile. Begin with an empty target.`)
  await put(
    copying,
    ENTRIES,
    source.rows(
      ENTRIES,
      above(
        'conversation_key',
        'seq',
        keys.map((key) => [key, last.get(key) ?? 0]),
      ),
    ),
  )
  await copyItems(copying, changed, last)
  await copyPart(copying, START_HEADS, allOf('conversation_key', 'start', keys))
  await put(copying, CONVERSATIONS, only(changed.map(({ row }) => row)))
}

/** A write that removes items, or rewrites an entry, leaves a newer item about the same entry [I6]. */
async function copyItems(copying: Copying, changed: readonly Changed[], last: ReadonlyMap<number, number>): Promise<void> {
  const { source } = copying
  const marked = new Map<string, readonly [number, number]>()
  const newer = changed.map(({ row, there }) => [row['conversation_key'], there?.['change'] ?? 0] as [number, number])
  for await (const page of source.rows(ITEMS, above('conversation_key', 'change', newer))) {
    const aboutNone = page.filter(({ subject }) => subject === null)
    await put(copying, ITEMS, only(aboutNone))
    for (const { conversation_key: key, subject } of page) if (subject !== null) marked.set(`${key} ${subject}`, [key as number, subject as number])
  }
  for await (const pairs of inGroups(each(marked.values()), copying.bounds.rowsPerPage)) {
    await copyPart(copying, ITEMS, { ordered: true, owner: 'conversation_key', column: 'subject', is: '=', pairs })
    // Entries that were copied just now are as they are.
    const earlier = pairs.filter(([key, subject]) => subject <= (last.get(key) ?? 0))
    await put(copying, ENTRIES, source.rows(ENTRIES, { ordered: false, owner: 'conversation_key', column: 'seq', is: '=', pairs: earlier }))
  }
}

async function copyAccounts(copying: Copying, changed: readonly Changed[]): Promise<void> {
  const { source } = copying
  const keys = changed.map(({ row }) => row['account_key'] as number)
  // Memberships refer to their account, which must be there, and must not say yet that its log is.
  await put(copying, ACCOUNTS, only(changed.filter(({ there }) => there === null).map(({ row }) => ({ ...row, head: 0 }))))
  const newer = changed.map(({ row, there }) => [row['account_key'], there?.['head'] ?? 0] as [number, number])
  await put(copying, ACCOUNT_ITEMS, source.rows(ACCOUNT_ITEMS, above('account_key', 'change', newer)))
  await copyPart(copying, MEMBERS, allOf('account_key', 'joined_seq', keys))
  await put(copying, ACCOUNTS, only(changed.map(({ row }) => row)))
}

/** The oldest starts are forgotten with what they noted, also of conversations that nobody writes to. */
async function forgotStarts({ source, target }: Copying): Promise<boolean> {
  const [first, there] = await Promise.all([source, target].map((side) => firstOf(side.rows(STARTS))))
  return first?.['start'] !== there?.['start']
}

async function firstOf(pages: AsyncIterable<readonly Row[]>): Promise<Row | undefined> {
  for await (const [first] of pages) return first
  return undefined
}

/** Makes the rows of a table, or of a part of it, the same. */
async function copyPart(copying: Copying, table: Table, part?: Part): Promise<void> {
  const { source, target, bounds, step } = copying
  for await (const found of inGroups(differences(table, source.rows(table, part), target.rows(table, part)), bounds.rowsPerPage)) {
    const mine = found.filter(({ row, there }) => table !== META || !isMark(row ?? there))
    const gone = mine.flatMap(({ row, there }) => (row === null ? [there] : []))
    const rows = mine.flatMap(({ row }) => (row === null ? [] : [row]))
    step(gone.length + rows.length)
    if (gone.length > 0) await target.remove(table, gone)
    if (rows.length > 0) await target.put(table, rows)
  }
}

function isMark(row: Row | null): boolean {
  return Object.hasOwn(MARKS, row?.['key'] ?? '')
}

async function put({ target, step }: Copying, table: Table, pages: AsyncIterable<readonly Row[]>): Promise<void> {
  for await (const page of pages) {
    if (page.length === 0) continue
    step(page.length)
    await target.put(table, page)
  }
}

function above(owner: string, column: string, pairs: readonly (readonly [number, number])[]): Part {
  return { ordered: false, owner, column, is: '>', pairs }
}

/** @param column any with numbers from 0 on. */
function allOf(owner: string, column: string, keys: readonly number[]): Part {
  return { ordered: true, owner, column, is: '>', pairs: keys.map((key) => [key, -1]) }
}

async function* only(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows
}

async function* each<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values
}

/** Whether two databases hold the same conversations, by their hashes. @returns a sentence for each difference. */
export async function compareRooms({ source, target, bounds }: Copying, rooms: AsyncIterable<number>): Promise<readonly string[]> {
  const wrong: string[] = []
  for await (const keys of inGroups(rooms, bounds.ownersAtOnce)) {
    const [here, there] = await Promise.all([source.sums(keys), target.sums(keys)])
    for (const key of keys) {
      const [one, other] = [here.get(key), there.get(key)]
      if (one?.hash === other?.hash && one?.entries === other?.entries && one?.bytes === other?.bytes) continue
      wrong.push(
        `conversation number ${key}: ${one?.entries ?? 0} entries, hash ${one?.hash ?? 'none'}, here; ${other?.entries ?? 0}, ${other?.hash ?? 'none'}, there`,
      )
    }
  }
  return wrong
}
