import type { Row } from './move-side.ts'
import type { Table } from './tables.ts'

type Pages = AsyncIterable<readonly Row[]>

/** A row that differs: missing in the source, or missing or different in the target. */
export type Difference = { readonly row: Row; readonly there: Row | null } | { readonly row: null; readonly there: Row }

/** Compares a table of two databases row by row. Both give their rows in the order of the key. */
export async function* differences(table: Table, source: Pages, target: Pages): AsyncGenerator<Difference> {
  const [from, to] = [rowsOf(source), rowsOf(target)]
  try {
    let [row, there] = [await next(from), await next(to)]
    while (row !== null || there !== null) {
      const order = row === null ? 1 : there === null ? -1 : compare(table.key, row, there)
      if (row !== null && order < 0) yield { row, there: null }
      else if (there !== null && order > 0) yield { row: null, there }
      else if (row !== null && there !== null && table.columns.some((column) => row?.[column] !== there?.[column])) yield { row, there }
      if (order <= 0) row = await next(from)
      if (order >= 0) there = await next(to)
    }
  } finally {
    await Promise.all([from.return(undefined), to.return(undefined)])
  }
}

async function next(rows: AsyncGenerator<Row>): Promise<Row | null> {
  const { done, value } = await rows.next()
  return done === true ? null : value
}

async function* rowsOf(pages: Pages): AsyncGenerator<Row> {
  for await (const page of pages) yield* page
}

/** Both databases order texts by their bytes. */
function compare(key: readonly string[], row: Row, there: Row): number {
  for (const column of key) {
    const [one, other] = [row[column], there[column]]
    if (one === other) continue
    if (typeof one === 'number' && typeof other === 'number') return one - other
    return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)))
  }
  return 0
}

/** Gathers values and passes them on in groups. */
export async function* inGroups<T>(values: AsyncIterable<T>, max: number): AsyncGenerator<readonly T[]> {
  let group: T[] = []
  for await (const value of values) {
    group.push(value)
    if (group.length < max) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
