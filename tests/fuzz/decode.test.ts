import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { REFUSALS } from '@bongsu/protocol'
import { decodeUp } from '@bongsu/protocol/check'
import { UpFrameSchema } from '@bongsu/protocol/schemas'
import { decodeDown } from '../../packages/client/src/decode-down.ts'
import { FRAMES, partsOf, SEED } from './amount.ts'
import { scratched, spoiled } from './arbitrary-of.ts'
import { anyFrames, goodFrames } from './frames.ts'

const KNOWN = ['0197c000-0000-7000-8000-000000000001', '0197c000-0000-7000-8000-000000000002']
const upFrame = Compile(UpFrameSchema)
/** Memory that stays in use: what the collector has not looked at yet is nobody's. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

test(`[W1] ${FRAMES} frames: each is one of this protocol or refused with a code, and nothing is thrown or kept`, (t) => {
  const counts = { taken: 0, refused: 0 }
  // What the first part leaves is the tables of those who make the frames.
  let before = 0
  for (const [runs, seed] of partsOf(FRAMES)) {
    fc.assert(
      fc.property(anyFrames(KNOWN), (text) => {
        const decoded = decodeUp(text)
        if (decoded.ok) {
          counts.taken++
          assert.ok(upFrame.Check(decoded.frame), 'what is taken is a frame of the published schema')
        } else {
          counts.refused++
          assert.ok(Object.hasOwn(REFUSALS, decoded.code))
          assert.ok((decoded.re ?? '').length <= 32)
        }
      }),
      { numRuns: runs, seed },
    )
    if (before === 0) before = heapUsed()
  }
  t.diagnostic(`seed ${SEED}: ${counts.taken} taken, ${counts.refused} refused, heap +${Math.round((heapUsed() - before) / 1_048_576)} MiB`)
  // Without these only one side would have been looked at.
  assert.ok(counts.taken > FRAMES / 20 && counts.refused > FRAMES / 20, JSON.stringify(counts))
  assert.ok(heapUsed() - before < 32 * 1_048_576)
})

test('[W1, W2] every frame made from the schemas is taken', () => {
  fc.assert(
    fc.property(goodFrames(KNOWN), (text) => assert.ok(decodeUp(text).ok, text)),
    { numRuns: Math.min(FRAMES, 5_000), seed: SEED },
  )
})

test('[W3] whatever a server says, a device takes it, passes over it or calls it malformed, and does not fall', (t) => {
  const golden = new URL('../../packages/protocol/golden/v1/', import.meta.url)
  const frames = readdirSync(golden)
    .filter((name) => name.startsWith('down-'))
    .map((name) => readFileSync(new URL(name, golden), 'utf8'))
  const good = fc.constantFrom(...frames)
  const any = fc.oneof(
    scratched(good),
    spoiled(good.map((text) => JSON.parse(text) as unknown)).map((value) => JSON.stringify(value)),
    fc.json(),
  )
  const counts = new Map<string, number>()
  for (const [runs, seed] of partsOf(FRAMES / 2))
    fc.assert(
      fc.property(any, (text) => {
        const { kind } = decodeDown(text)
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }),
      { numRuns: runs, seed },
    )
  t.diagnostic(`seed ${SEED}: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}`)
  assert.ok(counts.size >= 3)
})
