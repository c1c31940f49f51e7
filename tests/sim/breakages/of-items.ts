import type { Breakage } from './breakage.ts'

/** Faults in how the server keeps and delivers items of conversations, and in the rules of marks. */
export const OF_ITEMS: readonly Breakage[] = [
  {
    name: 'an item is sent to a device that lacks the one before it',
    promises: ['I3', 'D6'],
    changes: [{ seam: 'next-item', to: "const isNext = news !== null && this.#standing === 'live'" }],
  },
  {
    name: 'a late hint of an item lowers the change',
    promises: ['I3', 'D1', 'D6'],
    changes: [{ seam: 'late-item-hint', to: 'if (change === this.change) return' }],
  },
  {
    name: 'items do not wait for the entries before them',
    promises: ['W4', 'D1'],
    changes: [
      { seam: 'entries-before-items', to: '' },
      { seam: 'entries-before-read-items', to: '' },
    ],
  },
  {
    name: 'marks of what was said before one came in are shown',
    promises: ['W4'],
    changes: [{ seam: 'items-since-joining', to: 'return true' }],
  },
  {
    name: 'a resume skips to the newest items',
    promises: ['I3'],
    changes: [
      {
        seam: 'read-items',
        to: 'const page = await this.#parts.log.items(room.conversationId, Math.max(before.change, room.change - 1), share.entries, share.chars)',
      },
    ],
  },
  {
    name: 'a device that comes back is taken to have all items',
    promises: ['I3', 'D6'],
    changes: [{ seam: 'resume-changes', to: 'return { seq, change: Math.max(from, change) }' }],
  },
  {
    name: 'the hint of an item goes round before its author is answered',
    promises: ['I1'],
    changes: [
      { seam: 'answer-author', to: 'if (result.ok && result.written !== null) parts.announce(request, result)' },
      { seam: 'announce-item', to: 'answer(result)' },
    ],
  },
  {
    name: 'the ids of acts are forgotten',
    promises: ['I2'],
    changes: [{ seam: 'memory-known-act', to: 'known: null,' }],
  },
  {
    name: 'an erased entry keeps its marks',
    promises: ['I6'],
    changes: [{ seam: 'memory-clears-marks', to: '' }],
  },
  {
    name: 'an erased entry keeps its text',
    promises: ['I6'],
    changes: [{ seam: 'memory-rewrites-entry', to: 'return change' }],
  },
  {
    name: 'a mark is put on whatever entry has the seq',
    promises: ['I4'],
    changes: [{ seam: 'mark-subject', to: "if (subject === null || seq < place.joinedSeq) return refuse('subject-gone')" }],
  },
]
