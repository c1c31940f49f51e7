import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Author, Hit, IncidentUpdate } from '../vocabulary/incident.ts'
import { foldIncidents, nextUpdate, openIncident } from './updates.ts'
import { createJudge } from '../judge/judge.ts'
import { Desk } from '../present/desk.ts'
import { conditionNow } from '../publish/headline.ts'
import { apiComponent } from '../publish/statuspage.ts'
import { hitsWithPins, pinsOf } from './pins.ts'

const AUTO: Author = { kind: 'auto' }
const KIM: Author = { kind: 'person', name: '김봉화' }
const text = { ko: '글', en: 'Text' }
const hit = (condition: Hit['condition'], component: Hit['component'] = 'messaging'): Hit => ({ component, condition, profiles: ['pc', 'phone'] })

/** An incident by its statements, one a second: who said it, and which components it named. */
function incidentOf(...statements: readonly (readonly [Author, readonly Hit[]])[]) {
  const updates: IncidentUpdate[] = []
  for (const [by, hits] of statements) {
    const at = updates.length * 1_000
    const opening = { id: 'i1', title: text, body: text, impact: 'major', hits, startedAt: 0, detectedAt: 0 } as const
    const [incident] = foldIncidents(updates)
    updates.push(incident === undefined ? openIncident(opening, by, at) : nextUpdate(incident, { body: text, hits }, by, at))
  }
  return foldIncidents(updates)
}

const pinned = (...statements: readonly (readonly [Author, readonly Hit[]])[]): unknown[] =>
  [...pinsOf(incidentOf(...statements)).values()].map(({ component, condition, by, at }) => [component, condition, by, at])

test('[S14] what a person set stands through all later statements of the sentinel, until a person lifts it', () => {
  const set = [KIM, [hit('partial_outage')]] as const
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]]), [])
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]], [KIM, [hit('major_outage')]]), [], 'a word that changes nothing sets nothing')
  const stands = [['messaging', 'partial_outage', '김봉화', 1_000]]
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]], set), stands)
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]], set, [AUTO, [hit('major_outage')]], [AUTO, []]), stands)
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]], set, [AUTO, []], [KIM, [hit('partial_outage')]]), stands)
  assert.deepEqual(pinned([AUTO, [hit('major_outage')]], set, [AUTO, [hit('major_outage')]], [KIM, []]), [])
  assert.deepEqual(pinned([KIM, [hit('partial_outage'), hit('major_outage', 'web')]], [KIM, [hit('major_outage', 'web')]]), [
    ['web', 'major_outage', '김봉화', 0],
  ])
})

test('[S14] the next statement of a person carries what was set, whatever is measured meanwhile', () => {
  const [incident] = incidentOf([AUTO, [hit('major_outage')]], [KIM, [hit('partial_outage')]], [AUTO, [hit('major_outage', 'web')]])
  assert.deepEqual(incident && hitsWithPins(incident), [hit('major_outage', 'web'), hit('partial_outage')])
})

test('[S14] the page and the API show what a person set, also when the evidence is old, and who set it', () => {
  const desk = new Desk({ name: '봉수', serverUrl: 'http://talk', pageUrl: 'http://status', contact: '', timeZone: 'Asia/Seoul' })
  const [incident] = incidentOf([KIM, [hit('partial_outage')]])
  for (const [index, body] of (incident?.updates ?? []).entries()) desk.hear({ kind: 'incident', body, seq: index + 1, at: body.at, hash: '' })
  const snapshot = desk.snapshot(createJudge().judgements(), 60_000)
  const shown = snapshot.components.map((state) => [
    state.component,
    conditionNow(state, snapshot, true),
    apiComponent({ snapshot, stale: true, language: 'en' }, state).status,
    state.pin ?? null,
  ])
  assert.deepEqual(shown[0], ['messaging', 'partial_outage', 'partial_outage', { by: '김봉화', at: 0, measured: 'unknown' }])
  assert.deepEqual(shown[1], ['sign-in', 'unknown', 'degraded_performance', null])
})
