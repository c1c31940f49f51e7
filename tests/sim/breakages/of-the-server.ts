import type { Breakage } from './breakages.ts'

/** Faults in the server, and in what the fake of its store keeps. */
export const OF_THE_SERVER: readonly Breakage[] = [
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
    name: 'lost hints are swept in the first conversations only',
    promises: ['D1'],
    changes: [
      {
        path: '/delivery/hub.ts',
        from: 'for (const batch of batches([...this.#rooms.keys()])) {',
        to: 'for (const batch of [...batches([...this.#rooms.keys()])].slice(0, 1)) {',
      },
    ],
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
    name: 'a closed connection leaves its stream behind',
    promises: ['O1'],
    changes: [{ path: '/gateway/connection.ts', from: 'if (this.#stream !== null) this.#parts.hub.close(this.#stream)', to: '' }],
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
    name: 'a process continues only the devices that it has served before',
    promises: ['D8'],
    changes: [
      {
        path: '/gateway/welcome.ts',
        from: "type Hello = UpFrame & { t: 'hello' }",
        to: `type Hello = UpFrame & { t: 'hello' }
const served = new WeakMap<object, Set<string>>()
function hasServed(process: object, device: string): boolean {
  const devices = served.get(process) ?? new Set()
  served.set(process, devices)
  return devices.has(device) || !devices.add(device)
}`,
      },
      {
        path: '/gateway/welcome.ts',
        from: 'rooms: new Map(same ? hello.cursors : [])',
        to: 'rooms: new Map(hasServed(parts, deviceId) && same ? hello.cursors : [])',
      },
    ],
  },
  {
    name: 'a read mark is not looked at before it is taken',
    promises: ['W1'],
    changes: [
      { path: '/protocol/src/check.ts', from: 'if (!checks[type].Check(value)) {', to: "if (type !== 'read' && !checks[type].Check(value)) {" },
    ],
  },
  {
    name: 'under overload sends are given up like history',
    promises: ['O2'],
    changes: [{ path: '/gateway/dispatch.ts', from: "parts.overload.sheds('send')", to: "parts.overload.sheds('history')" }],
  },
  {
    name: 'a text is trimmed',
    promises: ['M4'],
    changes: [
      {
        path: '/conversation/append.ts',
        from: 'await parts.log.append([request], parts.clock.now())',
        to: "await parts.log.append([request.body.kind === 'text' ? { ...request, body: { kind: 'text', text: request.body.text.trim() } } : request], parts.clock.now())",
      },
    ],
  },
  {
    name: 'a number is left out now and then',
    promises: ['M3'],
    changes: [
      {
        path: '/worlds/memory-store.ts',
        from: 'const entry: Entry = { seq: room.entries.length + 1,',
        to: 'const entry: Entry = { seq: room.entries.length + (room.entries.length > 20 ? 2 : 1),',
      },
    ],
  },
  {
    name: 'whether somebody is a member is asked before whether the request is a repeated one',
    promises: ['M2', 'C2'],
    changes: [
      {
        path: '/worlds/memory-store.ts',
        from: 'const before = known.get(author + id)\n    if (before !== undefined) {\n      const same',
        to: "const before = known.get(author + id)\n    if (rooms.get(conversationId)?.members.has(author) !== true) return refused('not-a-member')\n    if (before !== undefined) {\n      const same",
      },
    ],
  },
  {
    name: 'a late hint lowers the head',
    promises: ['D1', 'D6', 'D7'],
    changes: [{ path: '/delivery/live-room.ts', from: 'if (seq <= this.head) return\n', to: 'if (seq === this.head) return\n' }],
  },
  {
    name: 'a resume skips to the newest page',
    promises: ['D2', 'D7'],
    changes: [
      {
        path: '/delivery/stream.ts',
        from: 'await this.#parts.log.read(room.conversationId, sent, share.entries, share.chars)',
        to: 'await this.#parts.log.read(room.conversationId, Math.max(sent, room.head - share.entries), share.entries, share.chars)',
      },
    ],
  },
  {
    name: 'caught-up is said after the first page of the account log',
    promises: ['D7'],
    changes: [{ path: '/delivery/stream.ts', from: 'if (page.items.length >= DELIVERY_BOUNDS.pageItems) this.#accountBehind = true', to: '' }],
  },
  {
    name: 'a page of history ends one entry too early',
    promises: ['D10'],
    changes: [
      {
        path: '/conversation/history.ts',
        from: 'if (entries.length === count || count === 1) return entries',
        to: 'if (entries.length === count || count === 1) return entries.slice(0, entries.length > 3 ? -1 : undefined)',
      },
    ],
  },
  {
    name: 'a risen mark does not reach the other devices',
    promises: ['R3'],
    changes: [{ path: '/worlds/memory-store.ts', from: "putItem(accountId, { kind: 'read', key: conversationId, value: { seq: next } })", to: '' }],
  },
]
