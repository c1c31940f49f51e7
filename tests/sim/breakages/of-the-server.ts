import type { Breakage } from './breakage.ts'

/** Faults in the server, and in what the fake of its store keeps. */
export const OF_THE_SERVER: readonly Breakage[] = [
  {
    name: 'accepted before it is durable',
    promises: ['M5'],
    changes: [
      {
        seam: 'append-to-log',
        to: `const head = (await parts.log.heads([request.conversationId])).get(request.conversationId)?.head ?? 0
  const now = parts.clock.now()
  answer({ ok: true, seq: head + 1, acceptedAt: now, repeated: false, body: request.body, accounts: [] } as AppendAnswer)
  const [result] = await parts.log.append([request], now)`,
      },
    ],
  },
  {
    name: 'an answer that did not come is taken for accepted',
    promises: ['M5', 'C3'],
    changes: [
      {
        seam: 'refuse-unanswered-send',
        to: `if (cause instanceof Unavailable) session.send({ t: 'accepted', id: frame.id, conversationId: frame.conversationId, seq: 1, acceptedAt: 1 })`,
      },
    ],
  },
  {
    name: 'what arrives during the pump is forgotten at the cutover',
    promises: ['D6', 'D2'],
    changes: [{ seam: 'cutover-to-live', to: "one.#standing = 'live'; one.#sent = one.room.head" }],
  },
  {
    name: 'hints that come while a device is let in are forgotten, and nobody looks again',
    promises: ['D6', 'D9', 'D5', 'R4', 'R3'],
    changes: [
      { seam: 'risen-while-let-in', to: 'const awaited: LiveRoom[] = []' },
      { seam: 'sweep-conversation-heads', to: 'for (const [conversationId, { head }] of heads) void head' },
    ],
  },
  {
    name: 'lost hints are never swept',
    promises: ['D6', 'D9', 'C2', 'C3'],
    changes: [{ seam: 'begin-sweep', to: 'this.#sweeping ??= Promise.resolve()' }],
  },
  {
    name: 'lost hints are swept in the first conversations only',
    promises: ['D1'],
    changes: [{ seam: 'sweep-batches', to: 'for (const batch of [...batches([...this.#rooms.keys()])].slice(0, 1)) {' }],
  },
  {
    name: 'a hint is taken for the truth',
    promises: ['D2', 'M1', 'W4'],
    changes: [{ seam: 'live-frame', to: "if (frame !== null && this.#standing === 'live' && this.receiver.trySend(frame)) this.#sent = seq" }],
  },
  {
    name: 'ids are remembered for half a minute',
    promises: ['M2', 'M4'],
    changes: [
      {
        seam: 'memory-known-id',
        to: 'const before = now - (entryOf(author, id)?.acceptedAt ?? 0) > 30_000 ? null : entryOf(author, id)',
      },
    ],
  },
  {
    name: 'the unread number counts the author',
    promises: ['R4'],
    changes: [{ seam: 'unread-number', to: 'return countUpTo(starts, seq)' }],
  },
  {
    name: 'unread numbers are told once',
    promises: ['R4'],
    changes: [{ seam: 'gather-unread', to: 'if (room.watchers !== null) return' }],
  },
  {
    name: 'a revoked token is still accepted',
    promises: ['W4'],
    changes: [
      { seam: 'check-token', to: 'if (claims === null) {' },
      { seam: 'check-revoked-at-turn', to: '' },
    ],
  },
  {
    name: 'who has left hears on',
    promises: ['W4'],
    changes: [
      { seam: 'suspend-who-left', to: '' },
      { seam: 'page-ends-at-leaving', to: 'const leftAt = -1' },
    ],
  },
  {
    name: 'who owns a group is forgotten',
    promises: ['B10', 'B11', 'B12', 'B13'],
    changes: [{ seam: 'memory-room-state', to: '' }],
  },
  {
    name: 'a slow reader is never cut',
    promises: ['O1', 'D3'],
    changes: [
      { seam: 'cut-slow-reader', to: 'void stalled' },
      { seam: 'soft-bound', to: '' },
    ],
  },
  {
    name: 'a closed connection leaves its stream behind',
    promises: ['O1'],
    changes: [{ seam: 'close-stream', to: '' }],
  },
  {
    name: 'the hint goes round before the sender is answered',
    promises: ['M5'],
    changes: [
      { seam: 'answer-sender', to: 'if (result.ok && !result.repeated) parts.announce(request, result)' },
      { seam: 'announce-entry', to: 'answer(result)' },
    ],
  },
  {
    name: 'history is read without looking again whether its reader is still a member',
    promises: ['W4'],
    changes: [{ seam: 'member-after-read', to: '' }],
  },
  {
    name: 'a device that comes at its turn is sent to the end of the queue',
    promises: ['O3'],
    changes: [{ seam: 'kept-turn', to: '' }],
  },
  {
    name: 'a connection that has fallen silent is served on',
    promises: ['C4'],
    changes: [{ seam: 'close-silent', to: '' }],
  },
  {
    name: 'the cursors of another history are continued',
    promises: ['D7', 'D2', 'D9'],
    changes: [{ seam: 'same-history', to: 'const same = hello.epoch !== null' }],
  },
  {
    name: 'a process continues only the devices that it has served before',
    promises: ['D8'],
    changes: [
      {
        seam: 'resume-cursors',
        to: `const serving = globalThis as { served?: WeakMap<object, Set<string>> }
  const served = (serving.served ??= new WeakMap())
  const before = served.get(parts) ?? new Set<string>()
  const continues = before.has(deviceId) && same
  served.set(parts, before.add(deviceId))
  const rooms = new Map(continues ? hello.cursors : [])`,
      },
    ],
  },
  {
    name: 'a read mark is not looked at before it is taken',
    promises: ['W1'],
    changes: [{ seam: 'check-frame', to: `if (type !== 'read' && !checks[type].Check(value)) {` }],
  },
  {
    name: 'under overload sends are given up like history',
    promises: ['O2'],
    changes: [{ seam: 'shed-sends', to: `if (overload.sheds('history')) return session.refuse(frame, 'busy', overload.sendRetryMs())` }],
  },
  {
    name: 'a text is trimmed',
    promises: ['M4'],
    changes: [
      {
        seam: 'append-to-log',
        to: `const [result] = await parts.log.append([request.body.kind === 'text' ? { ...request, body: { kind: 'text', text: request.body.text.trim() } } : request], parts.clock.now())`,
      },
    ],
  },
  {
    name: 'a number is left out now and then',
    promises: ['M3'],
    changes: [
      {
        seam: 'memory-next-seq',
        to: 'const entry: Entry = { seq: room.entries.length + (room.entries.length > 20 ? 2 : 1), acceptedAt: now, author, id, body }',
      },
    ],
  },
  {
    name: 'whether somebody is a member is asked before whether the request is a repeated one',
    promises: ['M2', 'C2'],
    changes: [
      {
        seam: 'memory-known-id',
        to: `const before = entryOf(author, id)
    if (before !== null && rooms.get(conversationId)?.members.has(author) !== true) return refused('not-a-member')`,
      },
    ],
  },
  {
    name: 'a late hint lowers the head',
    promises: ['D1', 'D6', 'D7'],
    changes: [{ seam: 'late-hint', to: 'if (seq === this.head) return' }],
  },
  {
    name: 'a resume skips to the newest page',
    promises: ['D2', 'D7'],
    changes: [
      {
        seam: 'read-page',
        to: 'const page = await this.#parts.pages.read(room, Math.max(before.seq, room.head - share.entries), share.entries, share.chars)',
      },
    ],
  },
  {
    name: 'caught-up is said after the first page of the account log',
    promises: ['D7'],
    changes: [{ seam: 'account-behind', to: '' }],
  },
  {
    name: 'a page of history ends one entry too early',
    promises: ['D10'],
    changes: [
      { seam: 'history-page', to: 'if (entries.length === count || count === 1) return entries.slice(0, entries.length > 3 ? -1 : undefined)' },
    ],
  },
  {
    name: 'a risen mark does not reach the other devices',
    promises: ['R3'],
    changes: [{ seam: 'memory-read-item', to: '' }],
  },
  {
    name: 'a proven lost future is taken note of, and the epoch stays',
    promises: ['A4', 'M1', 'C2', 'C3', 'D2', 'D6', 'I3', 'R2', 'R3', 'A3'],
    changes: [{ seam: 'begin-epoch', to: 'void [lost, begin]' }],
  },
  {
    name: 'a new epoch states the present heads, not those at which the histories parted',
    promises: ['A4', 'C2'],
    changes: [{ seam: 'memory-parting-heads', to: 'const parted = known[known.length] === undefined ? undefined : known[0]![1]' }],
  },
]
