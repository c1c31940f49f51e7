import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENTRY_KINDS, MARK_KINDS } from '@bongsu/protocol'
import { ROUTES, UpFrameSchema } from '@bongsu/protocol/schemas'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { CALLERS, type CallerName, type Traits } from './callers.ts'
import type { Operation } from './operation.ts'
import { OF_BODIES, OF_FRAMES, OF_MARKS } from './operations-of-frames.ts'
import { OF_ROUTES } from './operations-of-routes.ts'
import { openSquare, type Outcome } from './square.ts'

const TABLES = { '': OF_ROUTES, 'frame ': OF_FRAMES, 'send ': OF_BODIES, 'set ': OF_MARKS } as const

interface Row extends Operation {
  readonly title: string
  readonly isFrame: boolean
}

const rows = Object.entries(TABLES).flatMap(([prefix, table]) =>
  Object.entries<readonly Operation[]>(table).flatMap(([name, operations]) =>
    operations.map((operation): Row => {
      const title = `${prefix}${name}${operation.case === undefined ? '' : ` (${operation.case})`}`
      return { ...operation, title, isFrame: table !== OF_ROUTES }
    }),
  ),
)

/** What a caller gets who does not get in, whatever the operation [W1, W4, F1]; null for one who does. */
function atDoor({ door, title, isFrame }: Row, { shows }: Traits): Outcome | null {
  if (shows === 'suspended token' && door === 'device') return title === 'signOut' ? 'ok' : 'suspended' // [B55]
  if (door === 'open' || (door === 'key' ? shows === 'key of the sentinel' : shows === 'device')) return null
  return isFrame && shows === 'nothing' && !title.startsWith('frame hello') ? 'hello-expected' : 'unauthenticated'
}

/** On a machine that does much else the server puts off what can wait [O2]. Whoever was put off tries again. */
async function whenNotBusy(act: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await act()
  for (let tries = 0; outcome === 'busy' && tries < BUSY_TRIES; tries++) {
    await sleep(500)
    outcome = await act()
  }
  return outcome
}

const BUSY_TRIES = 40

async function tryAll(t: TestContext, env: Readonly<Record<string, string>>): Promise<number> {
  const square = await openSquare(t, env)
  const wrong: string[] = []
  let cells = 0
  for (const row of rows) {
    const group = await square.group(row.title, row.others ?? 'out')
    for (const [name, who] of Object.entries(CALLERS) as [CallerName, Traits][]) {
      const right = atDoor(row, who) ?? row.gets(who)
      const got = await whenNotBusy(() => row.does(square.cell(name, group)))
      cells++
      if (got !== right) wrong.push(`${row.title} by ${name}: ${got}, and by ${row.rules} it is ${right}`)
    }
  }
  for (const [name, who] of Object.entries(CALLERS) as [CallerName, Traits][])
    for (const { text, may } of square.secrets)
      if (!may(who) && square.heard.get(name)!.some((heard) => heard.includes(text))) wrong.push(`${name} was told: ${text}`)
  assert.deepEqual(wrong, [], `of ${cells} cells`)
  return cells
}

let postgres: PostgresServer
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres.remove())

test('[B75] every route, frame, body and mark has an entry in the table of operations', () => {
  const names = (table: object): string[] => Object.keys(table).toSorted()
  const frames = (UpFrameSchema as unknown as { anyOf: { properties: { t: { const: string } } }[] }).anyOf.map(({ properties }) => properties.t.const)
  assert.deepEqual(names(OF_ROUTES), names(ROUTES))
  assert.deepEqual([...names(OF_FRAMES), 'send', 'set'].toSorted(), frames.toSorted())
  assert.deepEqual(names(OF_BODIES), names(Object.fromEntries(Object.entries(ENTRY_KINDS).filter(([, { by }]) => by === 'member'))))
  assert.deepEqual(names(OF_MARKS), names(MARK_KINDS))
  for (const row of rows) assert.ok(row.rules !== '', row.title)
})

test('[B75] every kind of caller gets from every operation what the rules say, on SQLite', async (t) => {
  t.diagnostic(`${await tryAll(t, {})} cells`)
})

test('[B75] every kind of caller gets from every operation what the rules say, on PostgreSQL', async (t) => {
  t.diagnostic(`${await tryAll(t, { BONGSU_DATABASE: await postgres.makeDatabase() })} cells`)
})
