import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DownFrameSchema } from './down.ts'
import { ROUTES, type Route } from './http.ts'
import { UpFrameSchema } from './up.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL } from './version.ts'

/** The wire as last agreed for this version. */
const PINNED = { version: 1, hash: '2288f0176b741685d223350c22aa96c9fbdd92ca39ed9ebccf470d760e39567b' }

const ADVICE = `The wire has changed: a schema in packages/protocol/src is not what version ${PINNED.version} was pinned to.
- By accident? Undo it.
- A change that older programs can ignore (a new optional field of a down frame, a new down frame type)? Keep PROTOCOL_VERSION,
  write golden frames of the new form beside the old ones, and pin the new hash here.
- A change of a route that only the sentinel asks? A sentinel of another version gets no figures and judges by its tries. Pin the new hash here.
- Any other change? Raise PROTOCOL_VERSION, add a line to its history in version.ts, keep golden/v${PINNED.version}/ as it is and keep reading it [W3],
  begin golden/v${PINNED.version + 1}/, and pin both numbers here.
The hash now is:`

/** Descriptions may be reworded; machine-readable parts may not. */
function withoutDescriptions(keyword: string, value: unknown): unknown {
  return keyword === 'description' && typeof value === 'string' ? undefined : value
}

function wire(): unknown {
  const machineRead = ({ about: _, ...route }: Route): Omit<Route, 'about'> => route
  const routes = Object.entries<Route>(ROUTES).map(([name, route]) => ({ name, ...machineRead(route) }))
  return { up: UpFrameSchema, down: DownFrameSchema, routes: routes.toSorted((one, other) => (one.name < other.name ? -1 : 1)) }
}

test('[W3] the schemas match PROTOCOL_VERSION', () => {
  const hash = createHash('sha256').update(JSON.stringify(wire(), withoutDescriptions)).digest('hex')
  assert.deepEqual({ version: PROTOCOL_VERSION, hash }, PINNED, `${ADVICE} ${hash}`)
})

test('[W3] the subprotocol names the version', () => {
  assert.equal(SUBPROTOCOL, `bongsu.v${PROTOCOL_VERSION}`)
})
