import type { Breakage } from './breakage.ts'

/** Faults in the client. */
export const OF_THE_DEVICE: readonly Breakage[] = [
  {
    name: 'the cursor is stored before the entries',
    promises: ['D4'],
    changes: [
      {
        seam: 'put-entries',
        to: `else if (effect.do === 'store') options.clock.after(400, () => { put(waiting, effect.conversationId, effect.entries); plan(gatherMs) })`,
      },
    ],
  },
  {
    name: 'entries after a gap are applied',
    promises: ['D2', 'D4', 'D6'],
    changes: [{ seam: 'gap-in-entries', to: `if (room === undefined) return { state, effects: [{ do: 'refresh', conversationId }] }` }],
  },
  {
    name: 'the device sends several entries of one conversation at once',
    promises: ['M6'],
    changes: [{ seam: 'one-under-way', to: '' }],
  },
  {
    name: 'the outbox sends before it has stored',
    promises: ['C1'],
    changes: [{ seam: 'stored-before-sent', to: '' }],
  },
  {
    name: 'nothing that is put back waits for others',
    promises: ['A8'],
    changes: [{ seam: 'old-order', to: '' }],
  },
  {
    name: 'tried again under a new id',
    promises: ['C1', 'M1', 'M2'],
    changes: [
      {
        seam: 'send-frame',
        to: `send: ((again) => (item) => session.send({ ...upFrameOf(item), id: again.has(item.id) ? random.uuid() : (again.add(item.id), item.id) }))(new Set()),`,
      },
    ],
  },
  {
    name: 'connecting again without waiting',
    promises: ['O3'],
    changes: [{ seam: 'reconnect-wait', to: 'return Math.floor(random.next() * 0 * boundMs)' }],
  },
  {
    name: 'sending again without waiting',
    promises: ['C2'],
    changes: [{ seam: 'retry-wait', to: `return { ...item, progress: 'waiting', until: now + Math.floor(random * 0 * spreadMs) }` }],
  },
  {
    name: 'any refusal takes the entry out of the outbox',
    promises: ['C2'],
    changes: [{ seam: 'refuse-item', to: 'return outbox.filter((item) => item.id !== id).map((item) => {' }],
  },
  {
    name: 'a watermark may fall',
    promises: ['R1'],
    changes: [{ seam: 'raise-mark', to: 'const readSeq = seq' }],
  },
  {
    name: 'a reset pretends to be complete',
    promises: ['D4'],
    changes: [{ seam: 'ranges-of-reset', to: 'ranges: range === null ? room.ranges : addRange(room.ranges, { ...range, first: frame.joinedSeq }),' }],
  },
  {
    name: 'a live device does not follow the members',
    promises: ['D5'],
    changes: [
      {
        seam: 'member-left',
        to: 'return { ...meta, memberCount: meta.memberCount, people: meta.people.filter((person) => person.accountId !== accountId) }',
      },
    ],
  },
  {
    name: 'a live device keeps counting who was removed',
    promises: ['D5'],
    changes: [{ seam: 'member-removed', to: 'return meta' }],
  },
  {
    name: 'a dead connection is not looked for after sleep',
    promises: ['C4'],
    changes: [{ seam: 'await-pong', to: '' }],
  },
  {
    name: 'the watch is forgotten when the conversation comes anew',
    promises: ['R4'],
    changes: [{ seam: 'watch-renewed', to: '' }],
  },
  {
    name: 'what was accepted stays in the outbox of a room that was left',
    promises: ['C3'],
    changes: [
      { seam: 'rooms-heard', to: 'return' },
      { seam: 'rooms-at-beat', to: 'return' },
    ],
  },
  {
    name: 'a device that is told to come later comes as after any break',
    promises: ['O3'],
    changes: [{ seam: 'told-wait', to: 'if (retryAfterMs === -1) {' }],
  },
  {
    name: 'what a restore has lost is not put back',
    promises: ['A4'],
    changes: [{ seam: 'put-back', to: 'const putBack = await options.enqueue([], heads)' }],
  },
  {
    name: 'what a restore has lost is forgotten before it is stored in the outbox',
    promises: ['A4', 'C1'],
    changes: [{ seam: 'store-put-back', to: 'if (again.length > 0) void persist.outbox({ outboxPut: again.map(storedOf) })' }],
  },
  {
    name: 'what was accepted leaves the outbox before its entry has arrived',
    promises: ['A4'],
    changes: [{ seam: 'keep-accepted', to: 'if (accepted !== undefined) store({ outboxDelete: [id] })' }],
  },
  {
    name: 'what has arrived leaves the outbox before its entry is stored',
    promises: ['A4'],
    changes: [{ seam: 'arrived-leaves-outbox', to: 'store({ outboxDelete: ids })' }],
  },
  {
    name: 'what was accepted stays stored in the outbox',
    promises: ['C2'],
    changes: [{ seam: 'arrived-leaves-outbox', to: 'void ids' }],
  },
  {
    name: 'a frame that comes twice is applied twice',
    promises: ['D2'],
    changes: [{ seam: 'skip-applied', to: 'const entries = frame.entries' }],
  },
  {
    name: 'a device does not compare where it stands with what a heartbeat says',
    promises: ['D6'],
    changes: [{ seam: 'ask-heads', to: 'askedHeads = false' }],
  },
  {
    name: 'history ends where a page is not full',
    promises: ['D4', 'D10'],
    changes: [{ seam: 'more-history', to: 'return { more: older.length >= LIMITS.entriesPerPageMax }' }],
  },
  {
    name: 'what was accepted vanishes from the screen when the device has caught up',
    promises: ['C3'],
    changes: [{ seam: 'rooms-caught-up', to: 'sending.sweep(() => true)' }],
  },
  {
    name: 'a device believes in a connection that has fallen silent',
    promises: ['C4', 'C2'],
    changes: [{ seam: 'watch-silence', to: '' }],
  },
  {
    name: 'a mark may pass the head',
    promises: ['R2'],
    changes: [{ seam: 'mark-bound', to: 'const raised = raise(room, seq)' }],
  },
  {
    name: 'a mark is told once, whatever becomes of the connection',
    promises: ['R3'],
    changes: [{ seam: 'forget-told-marks', to: '' }],
  },
  {
    name: 'a frame that is not known is taken for a broken one',
    promises: ['W3'],
    changes: [{ seam: 'unknown-frame', to: `if (test === undefined) return { kind: 'malformed' }` }],
  },
  {
    name: 'what is put back goes out the newest first',
    promises: ['A4'],
    changes: [{ seam: 'put-back-order', to: 'const first = [...missing.toReversed(), ...sent]' }],
  },
  {
    name: 'the unread below the first entry of a reset are counted three times',
    promises: ['R4'],
    changes: [{ seam: 'unread-below-reset', to: '3 * frame.unreadBelow + 7 -' }],
  },
  {
    name: 'what is cut from memory is not unread any more',
    promises: ['R4'],
    changes: [{ seam: 'unread-of-cut', to: 'unreadBelow: room.unreadBelow,' }],
  },
  {
    name: 'the last statement of the server is not kept',
    promises: ['A4', 'M1', 'C2', 'C3', 'D2', 'D6', 'I3', 'R2', 'R3', 'A3'],
    changes: [{ seam: 'keep-tide', to: 'void replica.hear' }],
  },
]
