import type { Breakage } from './breakage.ts'

/** Faults in the client that concern marks. */
export const OF_ITEMS_ON_THE_DEVICE: readonly Breakage[] = [
  {
    name: 'items after a gap are applied',
    promises: ['I3', 'D6', 'I6'],
    changes: [{ seam: 'gap-in-items', to: 'if (room === undefined) return { state, effects: [] }' }],
  },
  {
    name: 'old marks are not asked for anew when they are shown',
    promises: ['I3', 'I6', 'D5'],
    changes: [{ seam: 'renew-in-view', to: 'void view' }],
  },
  {
    name: 'a reset makes nothing old',
    promises: ['I3', 'I6', 'D5'],
    changes: [{ seam: 'stale-after-reset', to: 'const before = room.stale' }],
  },
  {
    name: 'marks of entries that are not in memory are not stored',
    promises: ['I3', 'I6', 'D5'],
    changes: [{ seam: 'put-items', to: '' }],
  },
  {
    name: 'what was left out of the account log is not asked for anew',
    promises: ['D9'],
    changes: [{ seam: 'account-log-anew', to: 'const { account } = state' }],
  },
  {
    name: 'marks that a restore has lost are not put back',
    promises: ['A4'],
    changes: [{ seam: 'put-back-marks', to: 'for (const act of hide) {' }],
  },
  {
    name: 'an act that may have been sent gives way to a newer one',
    promises: ['C2', 'I2', 'M6'],
    changes: [{ seam: 'never-sent', to: '' }],
  },
]
