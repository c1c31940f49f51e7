import type { Breakage } from './breakages.ts'

/** Faults in the client. */
export const OF_THE_DEVICE: readonly Breakage[] = [
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
        from: 'const listeners = createListeners()',
        to: 'const listeners = createListeners()\n  const again = new Set<string>()',
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
        from: 'until: now + Math.max(toldMs, ownMs) + Math.floor(random * spreadMs) }',
        to: 'until: now + Math.floor(random * 0 * spreadMs) }',
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
    promises: ['R1'],
    changes: [{ path: '/client/src/room.ts', from: 'const readSeq = Math.max(room.readSeq, seq)', to: 'const readSeq = seq' }],
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
    name: 'a live device does not follow the members',
    promises: ['D5'],
    changes: [{ path: '/client/src/meta.ts', from: 'memberCount: Math.max(0, meta.memberCount - 1)', to: 'memberCount: meta.memberCount' }],
  },
  {
    name: 'a dead connection is not looked for after sleep',
    promises: ['C4'],
    changes: [{ path: '/client/src/session.ts', from: 'mine.cancelPong = clock.after(pongMs, () => replace(mine))', to: '' }],
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
    name: 'a device that is told to come later comes as after any break',
    promises: ['O3'],
    changes: [{ path: '/client/src/back-off.ts', from: 'if (retryAfterMs !== null) {', to: 'if (retryAfterMs === -1) {' }],
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
    name: 'a frame that comes twice is applied twice',
    promises: ['D2'],
    changes: [
      { path: '/client/src/replica.ts', from: 'const entries = frame.entries.slice(room.cursor - frame.after)', to: 'const entries = frame.entries' },
    ],
  },
  {
    name: 'a device does not compare where it stands with what a heartbeat says',
    promises: ['D6'],
    changes: [{ path: '/client/src/create-device.ts', from: "askedHeads = session.send({ t: 'ask-heads' })", to: 'askedHeads = false' }],
  },
  {
    name: 'history ends where a page is not full',
    promises: ['D4', 'D10'],
    changes: [
      {
        path: '/client/src/history.ts',
        from: 'return { more: firstInMemory(longer) > longer.membership.joinedSeq }',
        to: 'return { more: older.length >= LIMITS.entriesPerPageMax }',
      },
    ],
  },
  {
    name: 'what was accepted vanishes from the screen when the device has caught up',
    promises: ['C3'],
    changes: [
      { path: '/client/src/create-device.ts', from: 'sweep()\n        askForInexact()', to: 'sending.sweep(() => true)\n        askForInexact()' },
    ],
  },
  {
    name: 'a device believes in a connection that has fallen silent',
    promises: ['C4', 'C2'],
    changes: [
      {
        path: '/client/src/session.ts',
        from: 'mine.cancelWatch = clock.after(Math.ceil(heartbeatMs * silentBeats), () => end(mine, broken))',
        to: '',
      },
    ],
  },
  {
    name: 'a mark may pass the head',
    promises: ['R2'],
    changes: [
      {
        path: '/client/src/room.ts',
        from: 'const raised = raise(room, Math.min(seq, room.cursor))',
        to: 'const raised = raise(room, seq)',
      },
    ],
  },
  {
    name: 'a mark is told once, whatever becomes of the connection',
    promises: ['R3'],
    changes: [{ path: '/client/src/read-telling.ts', from: 'disconnected() {\n      told.clear()', to: 'disconnected() {' }],
  },
  {
    name: 'a frame that is not known is taken for a broken one',
    promises: ['W3'],
    changes: [{ path: '/client/src/decode-down.ts', from: "return { kind: 'unknown' }", to: "return { kind: 'malformed' }" }],
  },
  {
    name: 'what is put back goes out the newest first',
    promises: ['A4'],
    changes: [{ path: '/client/src/outbox.ts', from: 'const first = [...missing, ...sent]', to: 'const first = [...missing.toReversed(), ...sent]' }],
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
