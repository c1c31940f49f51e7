import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

/** Starts a group of its own that will not end by itself, nor by being asked, and tells the pid of what it has started. */
const RUNNER = `
  import { spawn } from 'node:child_process'
  import { endWithThis } from ${JSON.stringify(new URL('./process-groups.ts', import.meta.url).href)}
  const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid)"
  const child = spawn(process.execPath, ['-e', \`
    const { spawn } = require('node:child_process')
    process.on('SIGTERM', () => {})
    spawn(process.execPath, ['-e', \${JSON.stringify(deaf)}], { stdio: 'inherit' })\`], { detached: true, stdio: 'inherit' })
  endWithThis(child.pid)`

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`[O4] ${signal} to the runner of tests ends everything its test files have started`, async (t) => {
    const runner = spawn(process.execPath, ['--input-type=module-typescript', '-e', RUNNER], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => runner.kill('SIGKILL'))
    const grandchild = await new Promise<number>((resolve) => runner.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))))
    assert.ok(lives(grandchild))
    const ended = new Promise<number | null>((resolve) => runner.once('exit', resolve))
    runner.kill(signal)
    assert.equal(await ended, 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal])
    // Killed, and perhaps not yet buried.
    for (let waited = 0; lives(grandchild) && waited < 3_000; waited += 50) await pause(50)
    assert.ok(!lives(grandchild), 'it outlived the runner')
  })
}
