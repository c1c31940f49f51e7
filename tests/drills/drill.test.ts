import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const drill = (...args: readonly string[]): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(process.execPath, [fileURLToPath(new URL('drill.ts', import.meta.url)), ...args], { encoding: 'utf8' })

test('[O1] a drill takes 16 to 10,000 clients, and says so of any other number', () => {
  for (const clients of ['16', '10000']) assert.equal(drill('--list', '--clients', clients).status, 0)
  for (const clients of ['15', '10001', '16.5', 'many', '']) {
    const { status, stdout } = drill('--list', '--clients', clients)
    assert.deepEqual([status, stdout], [1, '--clients is a whole number from 16 to 10000\n'])
  }
})

test('[O1] every drill is listed with what it does and its goal, for people and as lines of JSON', () => {
  const all = drill('--list', '--json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<'name' | 'about' | 'goal', string>)
  assert.ok(all.length >= 17)
  const people = drill('--list').stdout
  for (const { name, about, goal } of all) for (const word of [name, about, goal]) assert.ok(people.includes(word))
})
