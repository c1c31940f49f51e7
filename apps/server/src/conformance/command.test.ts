import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PROMISE_IDS } from './abilities.ts'
import { conformance } from './command.ts'
import { TRIALS } from './run-kit.ts'

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const programs = { server: file('main.ts'), operator: file('cli.ts') }

async function run(...args: readonly string[]): Promise<{ code: number; out: string; note: string }> {
  let [out, note] = ['', '']
  const code = await conformance(args, { programs, env: process.env, out: (text) => (out += text), note: (text) => (note += text) })
  return { code, out, note }
}

test('[W6] a command that cannot be understood starts nothing and explains itself', async () => {
  for (const args of [[], ['--'], ['./driver'], ['--frob', '--', 'x'], ['--only'], ['--only', 'no such trial', '--', 'x']]) {
    const { code, note } = await run(...args)
    assert.deepEqual([code, /Exit codes/.test(note)], [64, true], args.join(' '))
  }
  assert.equal((await run('--help')).code, 0)
})

test('[W6] each promise that a client can claim is tested by a trial, and each trial is listed', async () => {
  const tested = new Set<string>(TRIALS.flatMap(({ promises }) => promises))
  assert.deepEqual(
    PROMISE_IDS.filter((id) => !tested.has(id)),
    [],
  )
  const { out } = await run('--list')
  for (const { name } of TRIALS) assert.ok(out.includes(`${name} [`), name)
})

test('[W6] a program that is no client breaks what was tested, and the kit ends', async () => {
  const answers = `process.stdin.on('data', (line) => console.log(JSON.stringify({ n: JSON.parse(line).n, name: 'nothing', can: ['flying'] })))`
  const clients = [['no-such-program'], [process.execPath, '-e', '0'], [process.execPath, '-e', answers]]
  const reasons = [/cannot be started/, /the client ended \(0\)/, /claims an ability that the kit does not know: flying/]
  for (const [index, program] of clients.entries()) {
    const { code, out } = await run('--only', 'calm', '--', ...program)
    assert.equal(code, 1, out)
    assert.match(out, reasons[index] as RegExp)
    assert.match(out, /^ {2}M4 {3}broken, in 1 trial$/m)
  }
})
