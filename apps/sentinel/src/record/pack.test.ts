import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aDay, batch, figures, incident, observation } from '../../../../tests/contract/record-bodies.ts'
import { canonicalJson } from './canonical.ts'
import { COMPONENTS, OUTCOMES, PROFILES } from './observation.ts'
import { packBody, unpackBody } from './pack.ts'
import type { RecordBody } from './record.ts'

function packedText({ kind, body }: RecordBody, at: number): string {
  const canonical = canonicalJson(body)
  const text = packBody(kind, body, canonical, at)
  assert.equal(canonicalJson(unpackBody(kind, text, at)), canonical)
  assert.equal(canonicalJson(JSON.parse(text)), text)
  return text
}

test('[S6] every packed body is unpacked exactly, also with fractions and unknown fields', () => {
  const durationMs = fc.option(fc.oneof(fc.integer({ min: -2, max: 60_000 }), fc.double({ noNaN: true, noDefaultInfinity: true })))
  const one = fc.record({
    id: fc.oneof(fc.nat(), fc.maxSafeInteger()),
    at: fc.oneof(fc.integer({ min: aDay - 70_000, max: aDay }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    knownAt: fc.integer({ min: aDay - 70_000, max: aDay }),
    component: fc.constantFrom(...COMPONENTS),
    profile: fc.constantFrom(...PROFILES),
    outcome: fc.constantFrom(...OUTCOMES),
    acceptedMs: durationMs,
    deliveredMs: durationMs,
    readMs: durationMs,
  })
  const body = fc.record({ post: fc.string(), online: fc.boolean(), observations: fc.array(one, { maxLength: 20 }) })
  fc.assert(fc.property(body, (observations) => void packedText({ kind: 'observations', body: observations }, aDay)))
})

test('[S6] every component, profile and outcome has its place in the packed form', () => {
  const all = COMPONENTS.flatMap((component) => PROFILES.flatMap((profile) => OUTCOMES.map((outcome) => ({ component, profile, outcome }))))
  const text = packedText(
    batch(
      aDay,
      all.map((more, index) => observation(index, aDay - 5_000, { ...more, readMs: null })),
    ),
    aDay,
  )
  assert.equal(text[0], '[')
  const added = { ...observation(1, aDay), outcome: 'sideways' as 'ok' }
  assert.equal(packedText(batch(aDay, [added]), aDay)[0], '{', 'a word of a later version is kept whole')
})

test('[S6] figures are packed, also without a process, and stored whole with an added field', () => {
  const sample = figures(aDay - 12, 5)
  assert.equal(packedText(sample, aDay)[0], '[')
  assert.equal(packedText({ kind: 'figures', body: { ...(sample.body as object), process: null } } as RecordBody, aDay)[0], '[')
  assert.equal(packedText({ kind: 'figures', body: { ...(sample.body as object), later: 1 } } as unknown as RecordBody, aDay)[0], '{')
  assert.equal(packedText(incident(1, aDay), aDay)[0], '{')
})

test('[S5] a packed body that was edited is unreadable, not another body', () => {
  for (const text of ['["home"]x', '[1,1]', '["home",1,1,2]', '["home",1,1,2,3,200,5,6,7]', '["home",1,1,2,3,9,5,6,7]', '["home",1,1,2,3,"0",5,6,7]'])
    assert.throws(() => unpackBody('observations', text, aDay))
  for (const text of ['["p","c",1]', '[1,"c",1,1,1,1,1,1,1,1]', '["p","c",1,1,1,1,1,1,1,null]'])
    assert.throws(() => unpackBody('figures', text, aDay))
})
