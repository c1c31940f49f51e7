import type { Breakage } from './breakage.ts'

/** Faults that show where several processes serve one store, or where a write has no answer. */
export const OF_PROCESSES: readonly Breakage[] = [
  {
    name: 'a process lets devices in by the heads that it has in memory',
    promises: ['D7', 'D8', 'D1', 'D6'],
    changes: [
      {
        seam: 'read-position',
        to: `const read = await parts.resume.position(accountId, deviceId)
      const memberships = read?.memberships.map((one) => ({ ...one, head: this.#rooms.get(one.conversationId)?.head || one.head }))
      const position = read === null ? null : { ...read, memberships }`,
      },
    ],
  },
  {
    name: 'one process reads from a copy that is up to three seconds old',
    promises: ['D7', 'D8'],
    changes: [
      {
        seam: 'sim-reads-of-process',
        to: `let [copied, copy] = [-Infinity, truth]
    const late = (port) => new Proxy({}, {
      get: (_, name) => (...request) => {
        if (this.#queue.now - copied > 3_000) [copied, copy] = [this.#queue.now, truth.copy()]
        return copy[port][name](...request)
      },
    })
    const reads = host.name === 'server 2' ? { log: late('log'), resume: late('resume'), audit: late('audit') } : truth`,
      },
    ],
  },
  {
    name: 'ids are known only to the process that has written them',
    promises: ['M2'],
    changes: [
      {
        seam: 'sim-append-of-process',
        to: `append: (batch, now) => this.#write(host, () => {
          globalThis.writer = host.name
          return log.append(batch, now)
        }),`,
      },
      {
        seam: 'memory-known-id',
        to: `const writers = (globalThis.writers ??= new Map())
    if (!writers.has(author + id)) writers.set(author + id, globalThis.writer)
    const before = writers.get(author + id) === globalThis.writer ? entryOf(author, id) : null`,
      },
    ],
  },
  {
    name: 'a repeated request gets the time of the process that answers it',
    promises: ['M2', 'M5'],
    changes: [{ seam: 'memory-repeat', to: 'const { seq, acceptedAt, body: held } = { ...decision.repeat, acceptedAt: now }' }],
  },
  {
    name: 'a write without an answer is refused for good',
    promises: ['C2'],
    changes: [{ seam: 'refuse-unanswered-send', to: `if (cause instanceof Unavailable) session.refuse(frame, 'body-invalid')` }],
  },
  {
    name: 'an entry whose write has no answer is shown to the others',
    promises: ['M1', 'M5'],
    changes: [
      {
        seam: 'append-to-log',
        to: `const now = parts.clock.now()
  const [result] = await parts.log.append([request], now).catch(async (cause) => {
    const { conversationId } = request
    const { head } = (await parts.log.heads([conversationId])).get(conversationId)
    parts.announce(request, { ok: true, seq: head + 1, acceptedAt: now, repeated: false, body: request.body, accounts: [] })
    throw cause
  })`,
      },
    ],
  },
  {
    name: 'a mark whose write has no answer is forgotten',
    promises: ['R3'],
    changes: [{ seam: 'keep-mark', to: '' }],
  },
  {
    name: 'a process hears of revoked devices through hints alone',
    promises: ['W4'],
    changes: [{ seam: 'learn-revoked', to: '' }],
  },
  {
    name: 'account logs rise through hints alone',
    promises: ['D9', 'D5'],
    changes: [{ seam: 'sweep-accounts', to: 'for (const batch of []) {' }],
  },
  {
    name: 'unread numbers change through hints alone',
    promises: ['R4'],
    changes: [{ seam: 'sweep-numbers', to: '' }],
  },
  {
    name: 'a late hint that a device has come to another process closes its newer connection',
    promises: ['D8'],
    changes: [{ seam: 'newer-stays', to: 'here?.movedAway()' }],
  },
  {
    name: 'a connection is kept though its device has come to another process',
    promises: ['D8'],
    changes: [{ seam: 'newer-stays', to: 'void [here, at]' }],
  },
  {
    name: 'a process goes on in an epoch that another process has ended',
    promises: ['A7'],
    changes: [{ seam: 'look-for-epoch', to: '' }],
  },
  {
    name: 'every proof of a lost future begins an epoch, also one that another process has heard',
    promises: ['A7'],
    changes: [{ seam: 'sim-epoch-ends-once', to: 'void ended' }],
  },
]
