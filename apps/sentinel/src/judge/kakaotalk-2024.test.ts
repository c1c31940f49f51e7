import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../incident/incident.ts'
import { COMPONENTS, type Component } from '../record/observation.ts'
import { shareOver } from './incident-share.ts'
import { createJudge } from './judge.ts'
import type { Evidence } from './judgement.ts'
import type { Fault } from './faults.ts'
import { stream } from './streams.ts'
import { affectedUserMinutes } from './user-minutes.ts'

// Three outages of KakaoTalk, replayed from public reports in a town of 3,000: what this judge would have said, and when.

interface Past {
  readonly from: number
  readonly to: number
  readonly faults: readonly Fault[]
}

const at = (day: string, time: string): number => Date.parse(`2024-${day}T${time}:00+09:00`)

/** Files were lost during a file update: 80 % of the users could not send for 6 minutes. */
const MAY_13: Past = {
  from: at('05-13', '13:44'),
  to: at('05-13', '13:50'),
  faults: [{ kind: 'cut', share: 0.8, from: at('05-13', '13:44'), to: at('05-13', '13:50') }],
}

/** The next update came before the previous day's cause was known: 8 % for 54 minutes in the rush hour, and no sign-in on PCs. */
const MAY_21: Past = {
  from: at('05-21', '08:30'),
  to: at('05-21', '09:24'),
  faults: [
    { kind: 'cut', share: 0.08, from: at('05-21', '08:30'), to: at('05-21', '09:24') },
    { kind: 'sign-in', profile: 'pc', from: at('05-21', '08:30'), to: at('05-21', '09:24') },
  ],
}

/** Nobody could sign in for 42 minutes, some could after that, and all after 86 minutes. The first public statement came after 32 minutes. */
const JULY_18: Past = {
  from: at('07-18', '10:54'),
  to: at('07-18', '12:20'),
  faults: [
    { kind: 'sign-in', from: at('07-18', '10:54'), to: at('07-18', '11:36') },
    { kind: 'sign-in', share: 0.5, from: at('07-18', '11:36'), to: at('07-18', '12:20') },
  ],
}

interface Said {
  /** Seconds from the start until detection, and from the end until it was declared over. */
  readonly noticedAfter: number
  readonly overAfter: number
  /** In order, without repeats. */
  readonly conditions: readonly Condition[]
  readonly startedOff: number
  readonly endedOff: number
  readonly evidence: readonly Evidence[]
  readonly others: ReadonlySet<Condition>
}

function play({ from, to, faults }: Past, component: Component): Said {
  const judge = createJudge()
  const index = COMPONENTS.indexOf(component)
  const evidence: Evidence[] = []
  const conditions: Condition[] = []
  const others = new Set<Condition>()
  let [noticedAt, overAt, startedAt]: (number | null)[] = [null, null, null]
  for (const each of stream({ seed: 2024, from: from - 1_800_000, to: to + 120_000, users: 3_000, faults })) {
    judge.hear(each)
    if (each.kind !== 'tick') evidence.push(each)
    if (each.at < from - 60_000) continue
    const judgements = judge.judgements()
    const judgement = judgements[index]!
    if (conditions.at(-1) !== judgement.condition) conditions.push(judgement.condition)
    if (judgement.startedAt !== null) noticedAt ??= each.at
    startedAt ??= judgement.startedAt
    if (noticedAt !== null && judgement.condition === 'operational') overAt ??= each.at
    for (const other of judgements) if (other.component !== component) others.add(other.condition)
  }
  return {
    noticedAfter: ((noticedAt ?? Number.NaN) - from) / 1_000,
    overAfter: ((overAt ?? Number.NaN) - to) / 1_000,
    conditions,
    startedOff: Math.abs((startedAt ?? Number.NaN) - from) / 1_000,
    endedOff: Math.abs((judge.endedAt(component) ?? Number.NaN) - to) / 1_000,
    evidence,
    others,
  }
}

function off(share: number | undefined, truth: number): number {
  return Math.abs((share ?? Number.NaN) - truth)
}

test('[S1, S6] 2024-05-13: 80 % for 6 minutes is a major outage within 10 s, and 4.8 user-minutes of the hour', () => {
  const said = play(MAY_13, 'messaging')
  assert.ok(said.noticedAfter <= 10, String(said.noticedAfter))
  assert.deepEqual(said.conditions, ['operational', 'major_outage', 'operational'])
  assert.ok(said.overAfter > 0 && said.overAfter <= 60, String(said.overAfter))
  assert.ok(said.startedOff <= 3, String(said.startedOff))
  assert.ok(said.endedOff <= 12, String(said.endedOff))
  assert.ok(off(shareOver(said.evidence, 'messaging', MAY_13.from, MAY_13.to)?.value, 0.8) <= 0.03)
  const { affectedShare, knownMinutes, affectedMinutes } = affectedUserMinutes(said.evidence, 'messaging', MAY_13.from - 600_000, MAY_13.to + 60_000)
  assert.equal(knownMinutes, 17)
  assert.ok(affectedMinutes >= 6 && affectedMinutes <= 7)
  assert.ok(Math.abs((affectedShare ?? 0) * 17 - 4.8) < 0.3, String((affectedShare ?? 0) * 17))
})

test('[S1, S6] 2024-05-21: 8 % for 54 minutes is one partial outage, although the server stops counting them after 10 minutes', () => {
  const said = play(MAY_21, 'messaging')
  assert.ok(said.noticedAfter <= 15, String(said.noticedAfter))
  assert.equal(said.conditions[0], 'operational')
  assert.equal(said.conditions[1], 'partial_outage')
  assert.equal(said.conditions.filter((condition) => condition === 'operational').length, 2, said.conditions.join(', '))
  assert.ok(said.overAfter > 0 && said.overAfter <= 60, String(said.overAfter))
  assert.ok(off(shareOver(said.evidence, 'messaging', MAY_21.from, MAY_21.to)?.value, 0.08) <= 0.03)

  const signIn = play(MAY_21, 'sign-in')
  assert.ok(signIn.noticedAfter <= 20, String(signIn.noticedAfter))
})

test('[S1, S6] 2024-07-18: only sign-in fails, stated within 20 s instead of 32 minutes, with messaging green throughout', () => {
  const said = play(JULY_18, 'sign-in')
  assert.ok(said.noticedAfter <= 20, String(said.noticedAfter))
  assert.equal(said.conditions[1], 'major_outage')
  assert.equal(said.conditions.filter((condition) => condition === 'operational').length, 2, said.conditions.join(', '))
  assert.ok(said.overAfter > 0 && said.overAfter <= 60, String(said.overAfter))
  assert.deepEqual([...said.others], ['operational'])
  assert.ok(off(shareOver(said.evidence, 'sign-in', JULY_18.from, at('07-18', '11:36'))?.value, 1) <= 0.03)
})

test('[S2] minutes without evidence are null and do not count', () => {
  const { from, to, faults } = MAY_13
  const evidence = [...stream({ seed: 5, from: from - 600_000, to: to + 600_000, users: 300, faults, burstsADay: 0 })]
  const blind = evidence.filter((each) => each.kind !== 'tick' && (each.at < to + 120_000 || each.at >= to + 300_000))
  const { minutes, knownMinutes, affectedShare } = affectedUserMinutes(blind, 'messaging', from - 300_000, to + 600_000)
  assert.equal(minutes.length, 21)
  assert.deepEqual(minutes.slice(14, 16), [null, null])
  assert.equal(knownMinutes, minutes.filter((share) => share !== null).length)
  assert.ok(Math.abs((affectedShare ?? 0) * knownMinutes - 4.8) < 0.4)
  assert.deepEqual(minutes.slice(0, 5), [0, 0, 0, 0, 0])
  const nothing = affectedUserMinutes([], 'messaging', from, to)
  assert.deepEqual([nothing.affectedShare, nothing.knownMinutes], [null, 0])
})
