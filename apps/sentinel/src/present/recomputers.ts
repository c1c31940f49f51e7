import type { Recomputer } from '../record/recompute.ts'
import { recomputeDay } from './count-day.ts'
import { recomputeShare } from './measure.ts'

/** All functions that compute the published numbers of the record again [S6]. */
export const RECOMPUTERS: readonly Recomputer[] = [
  {
    kind: 'incident',
    recompute(entry, read) {
      if (entry.kind !== 'incident') return null
      const share = recomputeShare(entry.body, read)
      if (share === undefined) return null
      if (share === null) return { 'share.value': null }
      return {
        'share.value': share.value,
        'share.low': share.low,
        'share.high': share.high,
        'share.affected': share.affected,
        'share.total': share.total,
      }
    },
  },
  {
    kind: 'day',
    recompute(entry, read) {
      if (entry.kind !== 'day') return null
      const day = recomputeDay(entry.body, read)
      return {
        affectedShare: day?.affectedShare ?? null,
        knownMinutes: day?.knownMinutes ?? null,
        affectedMinutes: day?.affectedMinutes ?? null,
      }
    },
  },
]
