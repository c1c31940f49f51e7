import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pathOf, testClient, withOutcome } from './kit.ts'

const DRIVER = [process.execPath, pathOf('docs/guide/conformance-driver.ts')]

test('[W6, C15, O3] our own client keeps every promise that the kit tests', async () => {
  const { result, code } = await testClient(DRIVER)
  for (const outcome of ['broken', 'not claimed', 'not tested']) assert.deepEqual(withOutcome(result, outcome), [], outcome)
  assert.equal(code, 0)
})

const BROKEN = [
  { client: 'new-id-on-retry', trial: 'cut after the server has it', promise: 'M2' },
  { client: 'gap-ignored', trial: 'a frame is lost in between', promise: 'D4' },
  { client: 'no-put-back', trial: 'the server is restored from a backup', promise: 'A4' },
  { client: 'several-under-way', trial: 'many at once', promise: 'M6' },
  { client: 'token-thrown-away', trial: 'a token out of its time', promise: 'O8' },
  { client: 'silence-believed', trial: 'a dead line', promise: 'C4' },
] as const

// At the same time: each mostly waits for what a broken client never does.
describe('broken clients', { concurrency: BROKEN.length }, () => {
  for (const { client, trial, promise } of BROKEN) {
    test(`[W6, ${promise}] the kit names ${promise} for a client that is broken as in ${client}.ts`, async () => {
      const [node = '', driver = ''] = DRIVER
      const { result, code } = await testClient([node, `--import=${pathOf(`tests/e2e/broken/${client}.ts`)}`, driver], [trial])
      const broken = result.promises.filter(({ outcome }) => outcome === 'broken').map((one) => one.promise)
      assert.ok(broken.includes(promise), `broken: ${broken.join(', ')}`)
      assert.equal(code, 1)
    })
  }
})
