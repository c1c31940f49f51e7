import type { Change } from '../seams/replace-at-seams.ts'
import type { SceneName } from './scenes.ts'

/** A small, plausible fault in the arithmetic of the judge, and the scenes of which at least one must show it. */
export interface Breakage {
  readonly name: string
  readonly change: Change
  readonly scenes: readonly SceneName[]
}

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'one word of a device is enough',
    change: { seam: 'words-needed', to: '  return words >= 0' },
    scenes: ['power'],
  },
  {
    name: 'silent people are left out of the active ones',
    change: { seam: 'cohort-active', to: '      if (cohort !== null && out > fell) [fell, active] = [out, total.connectedUsers]' },
    scenes: ['cut', 'cutSmall'],
  },
  {
    name: 'nobody who is silent is ever back',
    change: { seam: 'cohort-back', to: '    const isBack = false' },
    scenes: ['cut'],
  },
  {
    name: 'silence without an end',
    change: { seam: 'cohort-ends', to: '' },
    scenes: ['power'],
  },
  {
    name: 'a town that leaves is compared with those who are left',
    change: { seam: 'peak', to: '    this.#peak = now' },
    scenes: ['leave', 'leaveLarge'],
  },
  {
    name: 'a black hole is counted before everybody can be',
    change: { seam: 'all-counted', to: '  return at >= 0' },
    scenes: ['blackHole'],
  },
  {
    name: 'silence counts as being affected',
    change: { seam: 'cohort-kind', to: "  const counted = { ...countedShare('affected', believed ?? 'server', fell, active), stillOut }" },
    scenes: ['power'],
  },
  {
    name: 'one who falls silent is many',
    change: { seam: 'least-together', to: '      if (users <= (best?.users ?? 0)) continue' },
    scenes: ['trains', 'reset'],
  },
  {
    name: 'everybody must fall silent together',
    change: { seam: 'least-together', to: '      if (users < 0.9 * activeSince(from)) continue' },
    scenes: ['cut'],
  },
  {
    name: 'no interval',
    change: { seam: 'interval', to: '  const half = 0' },
    scenes: ['signInHalf', 'dropped'],
  },
  {
    name: 'a share of nobody is told',
    change: { seam: 'said', to: '  return share !== null' },
    scenes: ['slow'],
  },
  {
    name: 'what is not accepted is good',
    change: { seam: 'unaccepted', to: "  unaccepted: 'good'," },
    scenes: ['hung'],
  },
  {
    name: 'one post speaks for all',
    change: { seam: 'posts-agree', to: '    const agreed = true' },
    scenes: ['wayOfOne'],
  },
  {
    name: 'all posts must fail to be believed',
    change: { seam: 'posts-agree', to: '    const agreed = false' },
    scenes: ['webAll'],
  },
  {
    name: 'a twentieth is a major outage',
    change: { seam: 'level', to: '  return share >= JUDGE_BOUNDS.partialShare ? 2 : 0' },
    scenes: ['cutTold'],
  },
  {
    name: 'silence is a major outage',
    change: { seam: 'partial', to: "    if (verdict.trouble === 'from-here') return 'partial_outage'" },
    scenes: ['power', 'wayAlone', 'cut'],
  },
  {
    name: 'a way that is cut accuses the messenger',
    change: { seam: 'on-the-way', to: '    return false' },
    scenes: ['wayAlone'],
  },
  {
    name: 'what is slow has a share of people',
    change: { seam: 'may-count', to: '  return hits.length > 0' },
    scenes: ['wayAlone', 'slow'],
  },
  {
    name: 'silence is as grave as an outage',
    change: { seam: 'impact', to: '  return IMPACTS[Math.max(0, ...hits.map((hit) => RANK[hit.condition]))] as Impact' },
    scenes: ['power'],
  },
  {
    name: 'a blip is an outage',
    change: {
      seam: 'failure-test',
      to: 'export const FAILURE_TEST: SequentialOptions = { usual: USUAL_FAILURES, alarmScore: 5, spanMs: 0, spacingMs: 0 }',
    },
    scenes: ['strays'],
  },
  {
    name: 'half of the sign-ins may fail',
    change: {
      seam: 'failure-test',
      to: 'export const FAILURE_TEST: SequentialOptions = { usual: 0.5, alarmScore: ALARM_SCORE, spanMs: 3_500, spacingMs: 1_500 }',
    },
    scenes: ['signInHalf'],
  },
  {
    name: 'late is lost',
    change: { seam: 'is-late', to: '    return false' },
    scenes: ['slow'],
  },
  {
    name: 'everything is only late',
    change: { seam: 'is-late', to: '    return true' },
    scenes: ['signInAll'],
  },
  {
    name: 'reports are of all who have an account',
    change: { seam: 'reported', to: "  return countedShare('affected', 'reports', affected, sample.activeUsers * 2 + 1)" },
    scenes: ['killed', 'cut'],
  },
]
