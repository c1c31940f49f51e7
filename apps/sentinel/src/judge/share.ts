import type { Share, Text } from '../vocabulary/incident.ts'
import type { Component, Outcome, ReportsSample } from '../vocabulary/observation.ts'

// How a share of people is computed from stored evidence. Everything here is arithmetic, so that anybody can repeat it [S6].

/** Two-sided 95 % of the normal distribution. */
const Z = 1.96

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/**
 * Wilson's interval for a share k / n (Wilson 1927): centre (p + z²/2n) / (1 + z²/n), half width z·√(p(1 − p)/n + z²/4n²) / (1 + z²/n), with z =
 * 1.96. It stays inside [0, 1] and is honest for small n: 4 of 4 is [51 %, 100 %]. Without data nothing is known: 0 of 0 is [0, 1].
 */
export function wilson(k: number, n: number): Interval {
  if (n <= 0) return { value: 0, low: 0, high: 1 }
  const p = Math.min(1, Math.max(0, k / n))
  const z2n = (Z * Z) / n
  const centre = (p + z2n / 2) / (1 + z2n)
  const half = (Z * Math.sqrt((p * (1 - p)) / n + z2n / (4 * n))) / (1 + z2n) // [seam: interval]
  return { value: p, low: p === 0 ? 0 : Math.max(0, centre - half), high: p === 1 ? 1 : Math.min(1, centre + half) }
}

/** A share of people counted one by one. The interval says how far so few people can speak for others. */
export function countedShare(kind: Share['kind'], source: Share['source'], affected: number, total: number): Share {
  const all = Math.max(affected, total)
  return { kind, source, ...wilson(affected, all), affected, total: all }
}

/** Failed tries of one post, and all of its tries. */
export interface Tally {
  readonly tried: number
  readonly failed: number
}

/**
 * Share of failed tries. Each post has one vote, however often it tries: the share is the mean of the posts' shares p, and its interval has the half
 * widths √Σ(p − l)² / n and √Σ(u − p)² / n of their intervals [l, u]. Where intervals of posts do not meet, it reaches from the lowest share to the
 * highest. The tries come from a few canaries, so the interval is about tries, and about people only as far as canaries resemble them.
 * @returns null without tries.
 */
export function shareOfTries(posts: readonly Tally[]): Share | null {
  const each = posts.filter(({ tried }) => tried > 0).map(({ failed, tried }) => ({ ...wilson(failed, tried), failed, tried }))
  if (each.length === 0) return null
  const value = each.reduce((sum, post) => sum + post.value, 0) / each.length
  const low = value - Math.hypot(...each.map((post) => post.value - post.low)) / each.length
  const high = value + Math.hypot(...each.map((post) => post.high - post.value)) / each.length
  const apart = Math.max(...each.map((post) => post.low)) > Math.min(...each.map((post) => post.high))
  const values = each.map((post) => post.value)
  return {
    kind: 'affected',
    source: 'tries',
    value,
    low: Math.max(0, apart ? Math.min(low, ...values) : low),
    high: Math.min(1, apart ? Math.max(high, ...values) : high),
    affected: each.reduce((sum, { failed }) => sum + failed, 0),
    total: each.reduce((sum, { tried }) => sum + tried, 0),
  }
}

/** Accounts whose devices reported an outage of more than 5 s in the span, of those active in it. Null when nobody was active. */
export function shareFromReports(sample: ReportsSample, component: Component): Share | null {
  const affected = component === 'sign-in' ? sample.signInUsers : component === 'messaging' ? sample.connectionUsers : sample.affectedUsers
  // [seam: reported]
  return Math.max(sample.activeUsers, affected) > 0 ? countedShare('affected', 'reports', affected, sample.activeUsers) : null
}

/** Whether a share may be published: of what is called an outage nobody says that perhaps nobody is affected [S9]. */
export function isSaid(share: Share | null): share is Share {
  return share !== null && share.low > 0 // [seam: said]
}

/** Whether two estimates disagree: their intervals do not meet. */
export function disagree(one: Share, other: Share): boolean {
  return one.low > other.high || other.low > one.high
}

/**
 * What an outcome says about its try. `besides`: the outcome is additional to another one of the same try (late, lost, doubled, reordered) and does
 * not count as a try.
 */
export const SAYS: Readonly<Record<Outcome, 'good' | 'failed' | 'besides'>> = {
  ok: 'good',
  unreachable: 'failed',
  unaccepted: 'failed', // [seam: unaccepted]
  undelivered: 'failed',
  refused: 'failed',
  late: 'besides',
  lost: 'besides',
  doubled: 'besides',
  reordered: 'besides',
}

/**
 * How surprising k is where m is usual: k·ln(k / m) − (k − m), the log-likelihood ratio of Poisson counts. By Chernoff's bound the chance of k or
 * more is at most e to the minus of it. 0 when k is not above m.
 */
export function surprise(k: number, m: number): number {
  return k > m ? k * Math.log(k / m) - (k - m) : 0
}

/** The formulas shown on the page. */
export const FORMULAS: Readonly<Record<Exclude<Share['source'], 'person'> | 'silent' | 'incident', Text>> = {
  tries: {
    ko: '실패한 관측 시도 ÷ 모든 관측 시도. 관측 시도는 실제 계정으로 실제 메시지를 보내는 것이며, 3초 안에 접수되지 않거나 5초 안에 도착하지 않으면 실패입니다. 경보를 울린 시도는 세지 않고, 관측소마다 한 표입니다. 구간은 95 %(윌슨).',
    en: 'failed tests ÷ all tests. A test is a real message from a real account. It fails when it is not accepted within 3 s or not delivered within 5 s. The tests that raised the alarm are left out, and each post has one vote. Interval: 95 % (Wilson).',
  },
  server: {
    ko: '서버가 요청을 들어주지 못했거나, 관측 시도도 실패하는 동안 한꺼번에 연락이 끊긴 이용자 ÷ 활동 중인 이용자. 구간은 95 %(윌슨).',
    en: 'people whom the server failed, or who fell silent together while our tests failed too ÷ active people. Interval: 95 % (Wilson).',
  },
  reports: {
    ko: '5초 넘는 장애를 겪었다고 기기가 나중에 알려 온 계정 ÷ 그동안 활동한 계정. 구간은 95 %(윌슨).',
    en: 'accounts whose devices later reported an outage of more than 5 s ÷ accounts active in that time. Interval: 95 % (Wilson).',
  },
  devices: {
    ko: '한꺼번에 연락이 끊긴 이용자 ÷ 활동 중인 이용자. 연결되지 않는다고 지금 직접 알려 온 기기가 있을 때만 영향을 받았다고 하며, 구간은 알려 온 기기 수에서 시작합니다(95 %, 윌슨).',
    en: 'people who fell silent together ÷ active people, once devices say directly that they cannot connect. The interval starts at the number of those devices (95 %, Wilson).',
  },
  silent: {
    ko: '몇 초 사이에 한꺼번에 연락이 끊긴 이용자 ÷ 그 직전에 활동하던 이용자. 장애를 겪는지는 아직 모르는 사람들입니다. 구간은 95 %(윌슨).',
    en: 'people who fell silent within the same few seconds ÷ people active just before. Whether they are affected is not known. Interval: 95 % (Wilson).',
  },
  incident: {
    ko: '30초 조각마다 실패의 비율을 재어, 가장 심한 조각의 절반 이상인 조각을 모두 더한 값. 장애가 가장 컸던 동안의 비율입니다.',
    en: 'the share of failures in each slice of 30 s. All slices of at least half the worst one are added up. The result is the share at the worst time of the incident.',
  },
}
