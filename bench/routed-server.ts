import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import { createTokens } from '../apps/server/src/accounts/tokens.ts'
import { createMemoryBus } from '../apps/server/src/adapters/memory/bus.ts'
import { systemClock as clock } from '../apps/server/src/adapters/system/clock.ts'
import type { LogStore } from '../apps/server/src/conversation/log-store.ts'
import type { ResumeStore } from '../apps/server/src/delivery/resume-store.ts'
import { createTides } from '../apps/server/src/delivery/tides.ts'
import { createFigures } from '../apps/server/src/figures/figures.ts'
import { acceptWebSockets } from '../apps/server/src/gateway/websocket.ts'
import { createKernel } from '../apps/server/src/kernel.ts'
import { createMetrics } from '../apps/server/src/ops/metrics.ts'
import { CALM } from '../apps/server/src/ops/overload.ts'
import { accountOf, conversationOf, ROUTED_EPOCH, ROUTED_KEY } from './routed-plan.ts'

// The real gateway and delivery over a log that only counts: what a message costs on its way, without being kept. Nothing here is durable.

const pairs = Number(process.argv[2])
/** Entries kept of each conversation: more than are under way in it. */
const KEPT = 256
/** Without a store each append would be a turn of its own; a group commit answers all that came within about so much. */
const COMMIT_MS = 2

interface Room {
  head: number
  readonly last: Entry[]
}
const rooms = new Map<ConversationId, Room>()
const roomOf = new Map<AccountId, ConversationId>()
for (let pair = 0; pair < pairs; pair++) {
  rooms.set(conversationOf(pair), { head: 0, last: [] })
  for (const account of [accountOf(2 * pair), accountOf(2 * pair + 1)]) roomOf.set(account, conversationOf(pair))
}
const unused = (): never => {
  throw new Error('Nothing of this run asks for it.')
}

let waiting: (() => void)[] = []
function committed(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.length === 0) {
      setTimeout(() => {
        const all = waiting
        waiting = []
        for (const one of all) one()
      }, COMMIT_MS)
    }
    waiting.push(resolve)
  })
}

const log: LogStore = {
  async append(batch, now) {
    await committed()
    return batch.map(({ conversationId, author, id, body }) => {
      const room = rooms.get(conversationId)
      if (room === undefined || roomOf.get(author) !== conversationId) return { ok: false, code: 'not-a-member' }
      const seq = ++room.head
      room.last[seq % KEPT] = { seq, acceptedAt: now, author, id, body }
      return { ok: true, seq, acceptedAt: now, repeated: false, body, accounts: [] }
    })
  },
  async read(conversationId, after, limit) {
    const room = rooms.get(conversationId)
    const upTo = Math.min(room?.head ?? 0, after + limit)
    return Array.from({ length: upTo - after }, (_, index) => room?.last[(after + 1 + index) % KEPT] ?? unused())
  },
  heads: async (ids) => new Map(ids.map((id) => [id, { head: rooms.get(id)?.head ?? 0, change: 0 }])),
  set: unused,
  items: unused,
  marks: unused,
  openDirect: unused,
  createGroup: unused,
}

const resume: ResumeStore = {
  async position(accountId) {
    const conversationId = roomOf.get(accountId)
    if (conversationId === undefined) return null
    return {
      head: 1,
      blocked: [],
      memberships: [{ conversationId, kind: 'direct', joinedSeq: 1, head: rooms.get(conversationId)?.head ?? 0, change: 0 }],
    }
  },
  items: unused,
  accountHeads: async (ids) => new Map(ids.map((id) => [id, 1])),
  snapshot: unused,
}

const past = { epoch: ROUTED_EPOCH, starts: () => [], current: () => undefined, beginEpoch: unused, look: async () => undefined }
const zero = (): number => 0
const kernel = createKernel(
  {
    store: { log, resume, receipts: { raise: unused, unread: async () => [] }, audit: { hash: unused, restoredHeads: unused }, ...past },
    tides: createTides(ROUTED_KEY, past),
    begunEpoch: unused,
    bus: createMemoryBus(),
    clock,
    tokens: createTokens(ROUTED_KEY, clock),
    overload: CALM,
    figures: createFigures({ clock, process: 'bench', cell: 'main', isCanary: () => false, isCanaryHandle: () => false }),
    metrics: createMetrics({
      connections: zero,
      waitingBytesMax: zero,
      liveRooms: zero,
      storeWritable: () => true,
      overloadLevel: zero,
      queueingMs: zero,
      hellosHeld: zero,
      hellosRate: zero,
      busDeaf: () => false,
      hintsDropped: () => ({ unreadable: 0, unsent: 0 }),
      otherProcesses: () => 0,
      clockOffMs: () => 0,
    }),
    revokedDevices: async () => [],
    wasRevoked: async () => false,
    failed: (cause) => void process.stderr.write(`${String(cause)}\n`),
  },
  {
    process: 'bench',
    heartbeatMs: 25_000,
    connectionsMax: 19_000,
    hellosPerSecond: 1_000_000,
    framesPerSecond: 1_000_000,
    framesBurst: 1_000_000,
    revoked: [],
  },
)

const server = createServer()
acceptWebSockets(server, kernel, { path: '/v1/socket', origins: new Set(), addressOf: (request) => request.socket.remoteAddress ?? 'unknown' })
server.listen(0, '127.0.0.1', () => process.stderr.write(`routed on localhost:${(server.address() as AddressInfo).port}\n`))
