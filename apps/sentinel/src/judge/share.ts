import type { Share, Text } from '../incident/incident.ts'
import type { Component, Outcome, ReportsSample } from '../record/observation.ts'

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
  const half = (Z * Math.sqrt((p * (1 - p)) / n + z2n / (4 * n))) / (1 + z2n)
  return { value: p, low: p === 0 ? 0 : Math.max(0, centre - half), high: p === 1 ? 1 : Math.min(1, centre + half) }
}

/**
 * Share of active users affected beyond what is usual: d = affected / active − usual, never below 0. Its interval is that of a difference of two
 * shares, each with Wilson's interval [l, u] (Newcombe 1998, method 10): low = d − √((p − l)² + (u₀ − p₀)²), high = d + √((u − p)² + (p₀ − l₀)²). The
 * usual share p₀ counts as known from as many people as are active. Few people give a wide interval.
 */
export function shareFromFigures(affectedUsers: number, activeUsers: number, usual: number): Share {
  const now = wilson(affectedUsers, activeUsers)
  const before = wilson(usual * activeUsers, activeUsers)
  const difference = now.value - before.value
  const value = Math.min(1, Math.max(0, difference))
  const low = difference - Math.hypot(now.value - now.low, before.high - before.value)
  const high = difference + Math.hypot(now.high - now.value, before.value - before.low)
  return {
    value,
    low: Math.min(value, Math.max(0, low)),
    high: activeUsers > 0 ? Math.max(value, Math.min(1, high)) : 1,
    affected: affectedUsers,
    total: activeUsers,
    source: 'figures',
  }
}

/**
 * Share of failed tries. The tries come from a few canaries, so the interval is about tries, and about people only as far as canaries resemble them.
 */
export function shareFromProbes(failed: number, tried: number): Share {
  return { ...wilson(failed, tried), affected: failed, total: tried, source: 'probes' }
}

/** Accounts whose devices reported an outage of more than 5 s in the span, of those active in it. Null when nobody was active. */
export function shareFromReports(sample: ReportsSample, component: Component): Share | null {
  const affected = component === 'sign-in' ? sample.signInUsers : component === 'messaging' ? sample.connectionUsers : sample.affectedUsers
  const active = Math.max(sample.activeUsers, affected)
  return active === 0 ? null : { ...wilson(affected, active), affected, total: active, source: 'reports' }
}

/**
 * What an outcome says about its try. `besides`: the outcome is additional to another one of the same try (late, lost, doubled, reordered) and does
 * not count as a try.
 */
export const SAYS: Readonly<Record<Outcome, 'good' | 'failed' | 'besides'>> = {
  ok: 'good',
  unreachable: 'failed',
  unaccepted: 'failed',
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
export const FORMULAS: Readonly<Record<Share['source'] | 'incident' | 'day', Text>> = {
  figures: {
    ko: '(영향을 받은 이용자 − 평소 수준) ÷ 활동 중인 이용자. 영향을 받은 이용자란 5초 넘게 연결이 끊겼거나, 받을 메시지가 5초 넘게 도착하지 않은 사람입니다. 구간은 95 %(윌슨·뉴컴).',
    en: '(users affected − what is usual) ÷ active users. A user is affected after more than 5 s without a connection or with an undelivered message. Interval: 95 % (Wilson, Newcombe).',
  },
  probes: {
    ko: '실패한 관측 시도 ÷ 모든 관측 시도. 관측 시도는 실제 계정으로 실제 메시지를 보내는 것이며, 3초 안에 접수되지 않거나 5초 안에 도착하지 않으면 실패입니다. 구간은 95 %(윌슨).',
    en: 'failed tests ÷ all tests. A test is a real message from a real account. It fails when it is not accepted within 3 s or not delivered within 5 s. Interval: 95 % (Wilson).',
  },
  reports: {
    ko: '5초 넘는 장애를 겪었다고 기기가 나중에 알려 온 계정 ÷ 그동안 활동한 계정. 구간은 95 %(윌슨).',
    en: 'accounts whose devices later reported an outage of more than 5 s ÷ accounts active in that time. Interval: 95 % (Wilson).',
  },
  person: {
    ko: '담당자가 직접 밝힌 값입니다.',
    en: 'A number stated by a person.',
  },
  incident: {
    ko: '높이의 절반 이상인 모든 값의 중앙값. 높이는 가장 높은 다섯 값의 중앙값이므로, 장애가 가장 컸던 동안의 비율입니다.',
    en: 'the median of all values of at least half the height. The height is the median of the five highest values. The result is the share at the worst time of the incident.',
  },
  day: {
    ko: '분마다의 영향 비율을 하루 동안 더해, 상태를 알 수 있었던 분의 수로 나눈 값. 알 수 없었던 분은 세지 않습니다.',
    en: 'The share affected in each minute, added up over the day, divided by the known minutes. Unknown minutes do not count.',
  },
}
