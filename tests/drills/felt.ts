import { spreadOf } from '../../bench/percentiles.ts'
import type { Told } from './crowd.ts'

/** What is asked of a drill besides 0 lost, doubled and reordered. All in ms. */
export interface Goals {
  /** 99 % of those who lost their connection send again. */
  readonly againP99Ms?: number
  /** Of those who did not lose it. */
  readonly othersSendP99Ms?: number
  readonly othersDeliveryP99Ms?: number
  /** Of all. */
  readonly sendP99Ms?: number
}

export interface Figures {
  readonly [name: string]: unknown
  readonly missed?: readonly string[]
}

const LOST: readonly string[] = ['lost', 'gap', 'vanished', 'not-held']
const REORDERED: readonly string[] = ['disorder', 'own-order', 'moved']
const DOUBLED: readonly string[] = ['doubled', 'two-answers', 'one-place-two-entries']

/** What people felt, of all crowds together. */
export function feltBy(
  { said, closedAt, breaches, unrest, ownDelayP99Ms }: Told,
  [from, to]: readonly [number, number],
  truth: number | undefined,
): Figures {
  const closedIn = closedAt.map((all) => all.filter((at) => at >= from && at <= to))
  const isHit = (device: number): boolean => closedIn[device]!.length > 0
  const hit = closedIn.flatMap((all, device) => (all.length > 0 ? [device] : []))
  const again = hit.map((device) => {
    const first = closedIn[device]![0]!
    const accepted = said.filter(({ by, writtenAt }) => by === device && writtenAt >= first).map(({ acceptedAt }) => acceptedAt ?? Infinity)
    return Math.min(Infinity, ...accepted) - from
  })
  const sends = (some: Told['said']): number[] => some.map(({ writtenAt, acceptedAt }) => (acceptedAt ?? Infinity) - writtenAt)
  const deliveries = (some: Told['said'], counts: (device: number) => boolean): number[] =>
    some.flatMap(({ writtenAt, receivedAt }) => receivedAt.flatMap(([device, at]) => (counts(device) ? [at - writtenAt] : [])))
  const calm = said.filter(({ writtenAt, acceptedAt }) => writtenAt < from && (acceptedAt ?? Infinity) < from)
  const during = said.filter(({ writtenAt }) => writtenAt >= from && writtenAt <= to)
  const others = during.filter(({ by }) => !isHit(by))
  const count = (kinds: readonly string[]): number => breaches.filter(([kind]) => kinds.includes(kind)).length
  return {
    calm: { sendMs: spreadOf(sends(calm)), deliveryMs: spreadOf(deliveries(calm, () => true)) },
    // Only where everybody was hit at one moment is the time since that moment what they felt.
    ...(truth === undefined ? {} : { shareKilled: round(truth), againMs: spreadOf(again) }),
    shareHit: round(hit.length / closedAt.length),
    attempts: spreadOf(hit.map((device) => closedIn[device]!.length)),
    all: { sendMs: spreadOf(sends(during)), deliveryMs: spreadOf(deliveries(during, () => true)) },
    others: { sendMs: spreadOf(sends(others)), deliveryMs: spreadOf(deliveries(others, (device) => !isHit(device))) },
    accepted: said.filter(({ acceptedAt }) => acceptedAt !== null).length,
    lost: count(LOST),
    doubled: count(DOUBLED),
    reordered: count(REORDERED),
    faults: [...(unrest === null ? [] : [unrest]), ...breaches.map(([, sentence]) => sentence)].slice(0, 10),
    ownDelayP99Ms: Math.round(ownDelayP99Ms),
  }
}

export function missedGoals(felt: Figures, goals: Goals): string[] {
  const { againMs, all, others, faults } = felt as unknown as {
    readonly againMs?: { p99: number }
    readonly faults: readonly string[]
  } & Record<'all' | 'others', Record<'sendMs' | 'deliveryMs', { p99: number }>>
  const asked: readonly (readonly [string, number, number | undefined])[] = [
    ['99 % send again', againMs?.p99 ?? Number.NaN, goals.againP99Ms],
    ['sends of the others p99', others.sendMs.p99, goals.othersSendP99Ms],
    ['delivery to the others p99', others.deliveryMs.p99, goals.othersDeliveryP99Ms],
    ['sends p99', all.sendMs.p99, goals.sendP99Ms],
  ]
  return [
    ...(faults.length > 0 ? ['0 lost, doubled, reordered'] : []),
    // NaN, where nobody was measured, reaches nothing.
    ...asked.flatMap(([what, ms, most]) => (most === undefined || ms <= most ? [] : [`${what} ≤ ${most} ms`])),
  ]
}

function round(share: number): number {
  return Math.round(share * 1_000) / 1_000
}
