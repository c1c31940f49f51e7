import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { BREAKAGES } from './breakages.ts'

const run = promisify(execFile)
const BROKEN = join(import.meta.dirname, 'broken.ts')

/** What was said wrong, in all scenes or in those of a breakage. */
async function faultsOf(...given: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [BROKEN, ...given], { encoding: 'utf8' })
  return stdout
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { readonly faults: readonly string[] }).faults)
}

// A judge of the judge who has never said "guilty" proves nothing.
test('[S9] nothing is said wrong in the scenes, while nothing is broken', async () => {
  assert.deepEqual(await faultsOf(), [])
})

test(`[S9] each of ${BREAKAGES.length} deliberate breakages of the judge's arithmetic is caught`, async (t) => {
  assert.ok(BREAKAGES.length >= 20)
  const missed: string[] = []
  for (const { name } of BREAKAGES) {
    const [fault] = await faultsOf('--breakage', name)
    t.diagnostic(`${name}: ${fault ?? 'NOT SEEN'}`)
    if (fault === undefined) missed.push(name)
  }
  assert.deepEqual(missed, [])
})
