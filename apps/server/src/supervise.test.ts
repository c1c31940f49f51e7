import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EndedEarly, supervise, SUPERVISE_BOUNDS, type Program, type Supervised } from './supervise.ts'

/** A supervised program: reports that it is ready, stops on request, ends with its parent, and writes down its events. */
const PROGRAM = `
import { appendFileSync } from 'node:fs'
const [, , diary, way] = process.argv
const note = (word) => appendFileSync(diary, word + ' ' + process.pid + ' ' + Date.now() + '\\n')
note('began')
if (way === 'early') process.exit(78)
process.on('SIGTERM', () => {
  note('asked')
  if (way !== 'deaf') process.exit(0)
})
process.on('disconnect', () => {
  note('alone')
  process.exit(0)
})
const follows = process.argv.includes('--stand-by')
process.on('message', (order) => {
  note(order)
  if (order === 'release') process.send('released')
  if (order === 'move') process.exit(0)
  if (order === 'go') way === 'bad-heir' ? process.exit(1) : process.send({ port: 4712 })
})
if (follows && way === 'no-heir') process.exit(1)
if (follows) process.send('standing-by')
else
process.send({ port: 4711, setting: process.env.SOME_SETTING })
if (way === 'short') setTimeout(() => process.exit(3), 30)
setInterval(() => {}, 1000)
`

interface Line {
  readonly word: string
  readonly pid: number
  readonly at: number
}

interface Stage {
  readonly program: (way: string) => Program
  readonly diary: () => readonly Line[]
  readonly file: string
  readonly said: string[]
  /** Every ready message. */
  readonly readies: unknown[]
}

function stage(t: TestContext): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-supervise-'))
  const [script, file] = [join(folder, 'program.mjs'), join(folder, 'diary')]
  writeFileSync(script, PROGRAM)
  writeFileSync(file, '')
  const diary = (): readonly Line[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([word = '', pid, at]) => ({ word, pid: Number(pid), at: Number(at) }))
  t.after(() => {
    for (const { pid } of diary()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true })
  })
  return { file, diary, said: [], readies: [], program: (way) => ({ name: 'program', args: [script, file, way], env: { SOME_SETTING: 'its own' } }) }
}

function start(t: TestContext, { program, said, readies }: Stage, way: string): Supervised {
  const supervised = supervise(
    program(way),
    (text) => said.push(text),
    (message) => readies.push(message),
  )
  t.after(() => supervised.stop())
  return supervised
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(what: string, is: () => boolean, withinMs = 10_000): Promise<void> {
  for (const endAt = performance.now() + withinMs; !is(); await pause(10)) assert.ok(performance.now() < endAt, `waited for ${what}`)
}

const began = (lines: readonly Line[]): readonly Line[] => lines.filter(({ word }) => word === 'began')

test('[O4] a program is ready when it reports so, and has only its own settings', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'long')
  assert.deepEqual(await supervised.ready, { port: 4_711, setting: 'its own' })
  await supervised.stop()
  assert.deepEqual(
    it.diary().map(({ word }) => word),
    ['began', 'asked'],
  )
  assert.deepEqual(it.said, [])
})

test('[O4] a killed program is restarted, and its ready message stays valid', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'long')
  await supervised.ready
  const [first] = began(it.diary())
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await until('the second start', () => began(it.diary()).length === 2)
  assert.match(it.said.join(), /^The program ended \(128\) and restarts in 0\.2 s\.$/)
  await supervised.ready
  await supervised.stop()
  assert.ok(it.diary().every(({ pid }) => !isAlive(pid)))
})

test('[O9] the ready message of every process is passed on: after a restart, and after a replacement', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'long')
  await supervised.ready
  process.kill(began(it.diary())[0]?.pid ?? 0, 'SIGKILL')
  await until('the second ready message', () => it.readies.length === 2)
  assert.equal(await supervised.handOver(), true)
  assert.deepEqual(it.readies, [{ port: 4_711, setting: 'its own' }, { port: 4_711, setting: 'its own' }, { port: 4_712 }])
})

test('[O4] a program that ends repeatedly is restarted after growing waits', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'short')
  await until('the fourth start', () => began(it.diary()).length === 4)
  await supervised.stop()
  const starts = began(it.diary()).map(({ at }) => at)
  const waits = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
  for (const [index, leastMs] of [200, 400, 800].entries()) assert.ok((waits[index] ?? 0) >= leastMs, `wait ${index}: ${waits.join()}`)
  assert.deepEqual(
    it.said.slice(0, 3).map((text) => /restarts in ([\d.]+) s/.exec(text)?.[1]),
    ['0.2', '0.4', '0.8'],
  )
})

test('[O4] the waits are bounded, and a program that ran soundly starts with the shortest', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const it = stage(t)
  let nowMs = 0
  t.mock.method(performance, 'now', () => nowMs)
  const supervised = start(t, it, 'long')
  await supervised.ready
  const waits: number[] = []
  async function end(ranMs: number): Promise<void> {
    const { length } = began(it.diary())
    nowMs += ranMs
    process.kill(began(it.diary()).at(-1)?.pid ?? 0, 'SIGKILL')
    for (const { length: before } = it.said; it.said.length === before;) await new Promise(setImmediate)
    const waitMs = Number(/restarts in ([\d.]+) s/.exec(it.said.at(-1) ?? '')?.[1]) * 1_000
    waits.push(waitMs)
    t.mock.timers.tick(waitMs)
    while (began(it.diary()).length === length) await new Promise(setImmediate)
  }
  for (let round = 0; round < 8; round++) await end(SUPERVISE_BOUNDS.soundMs)
  assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  await end(SUPERVISE_BOUNDS.soundMs + 1)
  assert.equal(waits.at(-1), 200)
  await supervised.stop()
})

test('[O4] a program that ends before it was ever ready is not restarted: wrong settings stay wrong', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'early')
  await assert.rejects(supervised.ready, (cause) => cause instanceof EndedEarly && cause.code === 78)
  await pause(SUPERVISE_BOUNDS.restartMs + 200)
  assert.equal(began(it.diary()).length, 1)
  await supervised.stop()
})

test('[O5] a program is replaced: the new process loads, the old one releases, the new one goes on, the old one moves its devices and ends', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'long')
  await supervised.ready
  const [first] = began(it.diary())
  assert.equal(await supervised.handOver(), true)
  const second = began(it.diary()).at(-1)
  assert.deepEqual(
    it.diary().map(({ word, pid }) => `${word} ${pid === first?.pid ? 'old' : 'new'}`),
    ['began old', 'began new', 'release old', 'go new', 'move old'],
  )
  assert.deepEqual([isAlive(first?.pid ?? 0), isAlive(second?.pid ?? 0), it.said], [false, true, []])
  process.kill(second?.pid ?? 0, 'SIGKILL')
  await until('a restart', () => began(it.diary()).length === 3)
  await supervised.stop()
  assert.ok(it.diary().every(({ pid }) => !isAlive(pid)))
})

test('[O5] when the new process does not start, the old one goes on; when it fails after the release, the program is restarted', async (t) => {
  const early = stage(t)
  const calm = start(t, early, 'no-heir')
  await calm.ready
  const [{ pid } = { pid: 0 }] = began(early.diary())
  assert.equal(await calm.handOver(), false)
  assert.deepEqual([isAlive(pid), early.said], [true, []])

  const late = stage(t)
  const restarted = start(t, late, 'bad-heir')
  await restarted.ready
  assert.equal(await restarted.handOver(), false)
  await until('a restart', () => began(late.diary()).length === 3)
  assert.match(late.said.join(), /^The program ended \(128\) and restarts/)
  assert.equal(late.diary().filter(({ pid: each }) => isAlive(each)).length > 0, true)
})

test('[O4] a program stopped during its wait for a restart stays stopped', async (t) => {
  const it = stage(t)
  const supervised = start(t, it, 'long')
  await supervised.ready
  process.kill(began(it.diary())[0]?.pid ?? 0, 'SIGKILL')
  await until('its end to be seen', () => it.said.length === 1)
  await supervised.stop()
  await pause(SUPERVISE_BOUNDS.restartMs + 200)
  assert.equal(began(it.diary()).length, 1)
})

test('[O4] a program that ignores SIGTERM is killed after the stop time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const it = stage(t)
  const supervised = start(t, it, 'deaf')
  await supervised.ready
  const stopping = supervised.stop()
  const asked = (): boolean => it.diary().some(({ word }) => word === 'asked')
  while (!asked()) await new Promise(setImmediate)
  const [{ pid } = { pid: 0 }] = it.diary()
  t.mock.timers.tick(SUPERVISE_BOUNDS.stopMs - 1)
  await new Promise(setImmediate)
  assert.ok(isAlive(pid))
  t.mock.timers.tick(1)
  await stopping
  assert.equal(isAlive(pid), false)
})

test('[O4] when the supervisor is killed, the program ends too, and its port is free', async (t) => {
  const it = stage(t)
  const keeper = join(it.file, '../keeper.ts')
  const supervisor = fileURLToPath(new URL('supervise.ts', import.meta.url))
  writeFileSync(
    keeper,
    `import { supervise } from ${JSON.stringify(supervisor)}\nsupervise(${JSON.stringify(it.program('long'))}, () => {})\nsetInterval(() => {}, 1000)\n`,
  )
  const parent = spawn(process.execPath, [keeper], { stdio: 'inherit' })
  t.after(() => parent.kill('SIGKILL'))
  await until('the program', () => began(it.diary()).length === 1)
  parent.kill('SIGKILL')
  await until('its end', () => it.diary().some(({ word }) => word === 'alone'))
  await until('its being gone', () => it.diary().every(({ pid }) => !isAlive(pid)))
})
