import type { Change } from './substitute.ts'

/** A small, plausible fault in the real code; one is in the fake of the store, where the real one is a database that the contract tests break and mend. */
export interface Breakage {
  readonly name: string
  /** The promises of which at least one must be seen broken. */
  readonly promises: readonly string[]
  readonly changes: readonly Change[]
}

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'accepted before it is durable',
    promises: ['M5'],
    changes: [
      {
        path: '/conversation/append.ts',
        from: 'const [result] = await parts.log.append([request], parts.clock.now())',
        to: `const head = (await parts.log.heads([request.conversationId])).get(request.conversationId) ?? 0
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
        path: '/gateway/dispatch.ts',
        from: "if (cause instanceof Unavailable) session.refuse(frame, cause.full ? 'busy' : 'unavailable', cause.retryAfterMs)",
        to: "if (cause instanceof Unavailable) session.send({ t: 'accepted', id: frame.id, conversationId: frame.conversationId, seq: 1, acceptedAt: 1 })",
      },
    ],
  },
  {
    name: 'what arrives during the pump is forgotten at the cutover',
    promises: ['D6', 'D2'],
    changes: [
      {
        path: '/delivery/stream.ts',
        from: 'if (seq >= room.head) this.#behind.delete(room)',
        to: 'room.subscribers.set(this, room.head); this.#behind.delete(room)',
      },
    ],
  },
  {
    name: 'hints that come while a device is let in are forgotten, and nobody looks again',
    promises: ['D6', 'D9', 'D5', 'R4', 'R3'],
    changes: [
      {
        path: '/delivery/hub.ts',
        from: 'stream.start(position, cursors, (conversationId) => this.#risen.get(conversationId) ?? 0)',
        to: 'stream.start(position, cursors, () => 0)',
      },
      { path: '/delivery/hub.ts', from: 'this.#rooms.get(conversationId)?.rise(head, undefined)', to: 'void head' },
    ],
  },
  {
    name: 'lost hints are never swept',
    promises: ['D6', 'D9', 'C2', 'C3'],
    changes: [{ path: '/delivery/hub.ts', from: 'this.#sweeping ??= this.#sweep()', to: 'this.#sweeping ??= Promise.resolve()' }],
  },
  {
    name: 'a hint is taken for the truth',
    promises: ['D2', 'M1', 'W4'],
    changes: [
      {
        path: '/delivery/live-room.ts',
        from: 'if (frame !== null && sent === seq - 1 && stream.trySend(this, frame))',
        to: 'if (frame !== null && stream.trySend(this, frame))',
      },
    ],
  },
  {
    name: 'ids are remembered for half a minute',
    promises: ['M2', 'M4'],
    changes: [
      {
        path: '/worlds/memory-store.ts',
        from: 'const before = known.get(author + id)\n    if (before !== undefined) {\n      const same',
        to: 'const before = now - (known.get(author + id)?.result.acceptedAt ?? 0) > 30_000 ? undefined : known.get(author + id)\n    if (before !== undefined) {\n      const same',
      },
    ],
  },
  {
    name: 'the cursor is stored before the entries',
    promises: ['D4'],
    changes: [
      {
        path: '/client/src/persist.ts',
        from: "else if (effect.do === 'store') put(waiting, effect.conversationId, effect.entries)",
        to: "else if (effect.do === 'store') options.clock.after(400, () => { put(waiting, effect.conversationId, effect.entries); plan(gatherMs) })",
      },
    ],
  },
  {
    name: 'entries after a gap are applied',
    promises: ['D2', 'D4', 'D6'],
    changes: [
      { path: '/client/src/replica.ts', from: 'if (room === undefined || frame.after > room.cursor) return', to: 'if (room === undefined) return' },
    ],
  },
  {
    name: 'the device sends several entries of one conversation at once',
    promises: ['M6'],
    changes: [{ path: '/client/src/outbox.ts', from: 'seen.add(item.conversationId)\n', to: '' }],
  },
  {
    name: 'the outbox sends before it has stored',
    promises: ['C1'],
    changes: [{ path: '/client/src/outbox.ts', from: 'if (!item.stored) continue', to: '' }],
  },
  {
    name: 'tried again under a new id',
    promises: ['C1', 'M1', 'M2'],
    changes: [
      {
        path: '/client/src/create-device.ts',
        from: "session.send({ t: 'send', id, conversationId, body })",
        to: "session.send({ t: 'send', id: (again.has(id) ? random.uuid() : (again.add(id), id)) as typeof id, conversationId, body })",
      },
      {
        path: '/client/src/create-device.ts',
        from: 'const listeners = new Set<() => void>()',
        to: 'const listeners = new Set<() => void>()\n  const again = new Set<string>()',
      },
    ],
  },
  {
    name: 'connecting again without waiting',
    promises: ['O3'],
    changes: [
      { path: '/client/src/back-off.ts', from: 'return Math.floor(random.next() * boundMs)', to: 'return Math.floor(random.next() * 0 * boundMs)' },
    ],
  },
  {
    name: 'sending again without waiting',
    promises: ['C2'],
    changes: [
      {
        path: '/client/src/outbox.ts',
        from: 'until: now + waitMs + Math.floor(random * waitMs) }',
        to: 'until: now + Math.floor(random * 0 * waitMs) }',
      },
    ],
  },
  {
    name: 'any refusal takes the entry out of the outbox',
    promises: ['C2'],
    changes: [
      {
        path: '/client/src/outbox.ts',
        from: 'return outbox.map((item) => {\n    if (item.id !== id || item.progress ===',
        to: 'return outbox.filter((item) => item.id !== id).map((item) => {\n    if (item.id !== id || item.progress ===',
      },
    ],
  },
  {
    name: 'a watermark may fall',
    promises: ['R1', 'R3'],
    changes: [{ path: '/client/src/room.ts', from: 'const readSeq = Math.max(room.readSeq, seq)', to: 'const readSeq = seq' }],
  },
  {
    name: 'the unread number counts the author',
    promises: ['R4'],
    changes: [{ path: '/receipts/unread-numbers.ts', from: '- (authorCounted ? 1 : 0)', to: '' }],
  },
  {
    name: 'unread numbers are told once',
    promises: ['R4'],
    changes: [
      {
        path: '/delivery/unread-push.ts',
        from: 'if (room.watchers === null || gathering.has(room)) return',
        to: 'if (room.watchers !== null) return',
      },
    ],
  },
  {
    name: 'a reset pretends to be complete',
    promises: ['D4'],
    changes: [
      {
        path: '/client/src/room.ts',
        from: 'ranges: range === null ? room.ranges : addRange(room.ranges, range),\n    readSaid',
        to: 'ranges: range === null ? room.ranges : addRange(room.ranges, { ...range, first: frame.joinedSeq }),\n    readSaid',
      },
    ],
  },
  {
    name: 'a revoked token is still accepted',
    promises: ['W4'],
    changes: [
      { path: '/gateway/welcome.ts', from: 'if (claims === null || parts.isRevoked(claims.deviceId)) {', to: 'if (claims === null) {' },
      { path: '/gateway/welcome.ts', from: 'if (parts.isRevoked(deviceId)) return connection.close(CLOSE_CODES.signedOut)', to: '' },
    ],
  },
  {
    name: 'who has left hears on',
    promises: ['W4'],
    changes: [
      { path: '/delivery/live-room.ts', from: "if (entry?.body.kind === 'left') this.#suspend(entry.author, seq)", to: '' },
      { path: '/delivery/stream.ts', from: "page.findIndex((entry) => entry.body.kind === 'left' && entry.author === this.accountId)", to: '-1' },
    ],
  },
  {
    name: 'a live device does not follow the members',
    promises: ['D5'],
    changes: [{ path: '/client/src/meta.ts', from: 'memberCount: Math.max(0, meta.memberCount - 1)', to: 'memberCount: meta.memberCount' }],
  },
  {
    name: 'a slow reader is never cut',
    promises: ['O1', 'D3'],
    changes: [
      {
        path: '/delivery/stream.ts',
        from: 'if (stalled || waiting > DELIVERY_BOUNDS.bufferedBytesHard) this.#cut(CLOSE_CODES.tooSlow)',
        to: 'void stalled',
      },
      {
        path: '/delivery/stream.ts',
        from: 'if (this.#behind.has(room) || this.#outlet.bufferedBytes() > DELIVERY_BOUNDS.bufferedBytesSoft) return false',
        to: 'if (this.#behind.has(room)) return false',
      },
    ],
  },
  {
    name: 'a dead connection is not looked for after sleep',
    promises: ['C4'],
    changes: [{ path: '/client/src/session.ts', from: 'mine.cancelPong = clock.after(pongMs, () => replace(mine))', to: '' }],
  },
  {
    name: 'a closed connection leaves its stream behind',
    promises: ['O1'],
    changes: [{ path: '/gateway/connection.ts', from: 'if (this.#stream !== null) this.#parts.hub.close(this.#stream)', to: '' }],
  },
  {
    name: 'the watch is forgotten when the conversation comes anew',
    promises: ['R4'],
    changes: [{ path: '/client/src/create-device.ts', from: 'watching.renewed(frame.conversationId)', to: '' }],
  },
  {
    name: 'what was accepted stays in the outbox of a room that was left',
    promises: ['C3'],
    changes: [
      { path: '/client/src/create-device.ts', from: 'watching.heard(frame)\n        return sweep()', to: 'return watching.heard(frame)' },
      { path: '/client/src/create-device.ts', from: 'return sending.sweep((item) => !replica.rooms.has(item.conversationId))', to: 'return' },
    ],
  },
  {
    name: 'the hint goes round before the sender is answered',
    promises: ['M5'],
    changes: [
      {
        path: '/conversation/append.ts',
        from: 'answer(result)\n  if (result.ok && !result.repeated) parts.announce(request, result)',
        to: 'if (result.ok && !result.repeated) parts.announce(request, result)\n  answer(result)',
      },
    ],
  },
  {
    name: 'history is read without looking again whether its reader is still a member',
    promises: ['W4'],
    changes: [
      {
        path: '/gateway/http-handlers.ts',
        from: "if ((await joinedSeqOf(accounts, caller.accountId, conversationId)) !== joinedSeq) return refuse('not-a-member')",
        to: '',
      },
    ],
  },
  {
    name: 'a device that is told to come later comes as after any break',
    promises: ['O3'],
    changes: [{ path: '/client/src/back-off.ts', from: 'if (retryAfterMs !== null) {', to: 'if (retryAfterMs === -1) {' }],
  },
  {
    name: 'a device that comes at its turn is sent to the end of the queue',
    promises: ['O3'],
    changes: [
      {
        path: '/gateway/admission.ts',
        from: 'if (kept !== undefined && now <= kept + ADMISSION_BOUNDS.keepMs) return Math.max(0, kept - now)',
        to: '',
      },
    ],
  },
  {
    name: 'a connection that has fallen silent is served on',
    promises: ['C4'],
    changes: [
      {
        path: '/gateway/connection.ts',
        from: 'if (now - this.#heardAt > this.#parts.heartbeatMs * GATEWAY_BOUNDS.silentHeartbeats) return this.close(CLOSE_CODES.silent)',
        to: '',
      },
    ],
  },
  {
    name: 'the cursors of another history are continued',
    promises: ['D7', 'D2', 'D9'],
    changes: [{ path: '/gateway/welcome.ts', from: 'const same = hello.epoch === parts.epoch', to: 'const same = hello.epoch !== null' }],
  },
  {
    name: 'what a restore has lost is not put back',
    promises: ['A4'],
    changes: [{ path: '/client/src/put-back.ts', from: 'await options.enqueue(items)', to: 'await options.enqueue([])' }],
  },
  {
    name: 'what a restore has lost is forgotten before it is stored in the outbox',
    promises: ['A4', 'C1'],
    changes: [
      {
        path: '/client/src/sending.ts',
        from: 'if (again.length > 0) await persist.outbox(',
        to: 'if (again.length > 0) void persist.outbox(',
      },
    ],
  },
  {
    name: 'what was accepted leaves the outbox before its entry has arrived',
    promises: ['A4'],
    changes: [
      {
        path: '/client/src/sending.ts',
        from: 'if (accepted !== undefined) persist.settled({ outboxPut: [storedOf(accepted)] })',
        to: 'if (accepted !== undefined) store({ outboxDelete: [id] })',
      },
    ],
  },
  {
    name: 'what has arrived leaves the outbox before its entry is stored',
    promises: ['A4'],
    changes: [{ path: '/client/src/sending.ts', from: 'persist.settled({ outboxDelete: ids })', to: 'store({ outboxDelete: ids })' }],
  },
  {
    name: 'what was accepted stays stored in the outbox',
    promises: ['C2'],
    changes: [{ path: '/client/src/sending.ts', from: 'persist.settled({ outboxDelete: ids })', to: 'void ids' }],
  },
  {
    name: 'the unread below the first entry of a reset are counted three times',
    promises: ['R4'],
    changes: [{ path: '/client/src/room.ts', from: 'frame.unreadBelow -', to: '3 * frame.unreadBelow + 7 -' }],
  },
  {
    name: 'what is cut from memory is not unread any more',
    promises: ['R4'],
    changes: [
      {
        path: '/client/src/room.ts',
        from: 'unreadBelow: room.unreadBelow + countUnread(room.entries.slice(0, cut), room.readSeq, me),',
        to: 'unreadBelow: room.unreadBelow,',
      },
    ],
  },
]
