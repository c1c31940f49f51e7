import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ROOT } from './processes.ts'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

/** A bench with a folder of its own for what it makes. `when`: called with all that it has said so far. */
async function bench(
  t: TestContext,
  args: readonly string[],
  when: (said: string, interrupt: () => void) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Ended & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-bench-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, ['bench/bench.ts', ...args], { cwd: ROOT, env: { ...process.env, TMPDIR: folder, ...env } })
  t.after(() => child.kill('SIGKILL'))
  let [out, said] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    when(said, () => child.kill('SIGINT'))
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, said, folder }
}

/** Processes that came from a bench with this folder: they have its environment. */
function leftOf(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`TMPDIR=${folder}\0`)
    } catch {
      return false
    }
  })
}

test('[S6] what is not a scenario, or not an option, is said and nothing is started', async (t) => {
  for (const args of [['quickly'], ['storm', '--devices=many'], ['storm', '--devices=0'], ['storm', '--devices=18001'], ['--quick', '--write']]) {
    const { code, out, said, folder } = await bench(t, args)
    assert.deepEqual([code, out, readdirSync(folder)], [2, '', []], args.join(' '))
    assert.match(said, /npm run bench/)
  }
})

test('[S6] interrupted in its middle, and again, a bench leaves no process, no folder and no figures', { timeout: 60_000 }, async (t) => {
  let times = 0
  const { code, out, said, folder } = await bench(t, ['direct', '--anyway', '--json'], (heard, interrupt) => {
    if (!heard.includes('talking')) return
    times++
    interrupt()
    // An impatient person.
    setTimeout(interrupt, 5)
  })
  assert.ok(times > 0, said)
  assert.equal(code, 130, said)
  assert.equal(out, '')
  assert.match(said, /interrupted \(SIGINT\)/)
  assert.deepEqual(readdirSync(folder), [])
  assert.deepEqual(leftOf(folder), [])
})

test('[S6] on a machine that does not allow it a bench says what is missing, in a sentence, and leaves nothing', { timeout: 60_000 }, async (t) => {
  const { code, out, said, folder } = await bench(t, ['web', '--anyway', '--json'], () => {}, { CHROMIUM: '/nowhere/chromium' })
  assert.deepEqual([code, out, readdirSync(folder)], [1, '', []])
  assert.match(said, /FAILED\. The web figures need chromium \(\/nowhere\/chromium\)\.\nThere are no figures\.\n$/)
})
