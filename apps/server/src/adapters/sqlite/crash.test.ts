import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId } from '@bongsu/protocol'
import { temporaryDirectory } from '../../../../../tests/contract/sqlite-subject.ts'
import { accept, makeAccounts, makeDirect, text } from '../../../../../tests/contract/stores.ts'
import { Unavailable } from '../../conversation/log-store.ts'
import { openSqliteStore } from './open-store.ts'

const scripts = new URL('../../../../../tests/contract/', import.meta.url)
const rounds = 6
const readsMax = 1_000

function start(command: readonly string[], script: string, directory: string): ChildProcess {
  const [program, ...args] = [...command, process.execPath, new URL(script, scripts).pathname, directory]
  return spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('[O4, M1, M3] after a kill during appends the store has everything reported, without gaps, and the directory is free', async () => {
  const { directory, remove } = temporaryDirectory()
  const ledger = new Map<ConversationId, Map<number, string>>()
  for (let round = 0; round < rounds; round++) {
    const child = start([], 'append-until-killed.ts', directory)
    const lines = createInterface({ input: child.stdout! })
    const ready = once(lines, 'line')
    lines.on('line', (line) => note(ledger, line))
    await ready
    if (round === 0) await assert.rejects(openSqliteStore({ directory }), /Another Bongsu server uses this data directory/)
    await sleep(40 + Math.random() * 200)
    child.kill('SIGKILL')
    await once(child, 'close')
    const store = await openSqliteStore({ directory })
    for (const [room, reported] of ledger) {
      const ids: string[] = []
      for (;;) {
        const page = await store.log.read(room, ids.length, readsMax)
        for (const entry of page) assert.equal(entry.seq, ids.push(entry.id))
        if (page.length < readsMax) break
      }
      for (const [seq, id] of reported) assert.equal(ids[seq - 1], id, `round ${round}: ${room} ${seq} was reported and is there`)
    }
    await store.close()
  }
  assert.equal(ledger.size, rounds)
  assert(
    [...ledger.values()].every((reported) => reported.size > 10),
    'each round was killed while it was writing',
  )
  remove()
})

function note(ledger: Map<ConversationId, Map<number, string>>, line: string): void {
  const [room, seq, id] = line.split(' ')
  // The kill may have cut off the last line.
  if (!room || !seq || id?.length !== 36) return
  const reported = ledger.get(room as ConversationId) ?? new Map<number, string>()
  ledger.set(room as ConversationId, reported.set(Number(seq), id))
}

test('[M1, O4] files that cannot grow: appends are Unavailable, accepted entries stay, and appends recover by themselves', async () => {
  const { directory, remove } = temporaryDirectory()
  const child = start(['prlimit', '--fsize=3000000:unlimited'], 'append-until-full.ts', directory)
  const lines: string[] = []
  const output = createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  const closed = once(child, 'close')
  await Promise.race([once(output, 'line'), closed])
  assert.deepEqual(lines, ['full'])
  await sleep(100)
  assert.equal(spawnSync('prlimit', ['--pid', `${child.pid}`, '--fsize=unlimited:unlimited']).status, 0)
  assert.deepEqual(await closed, [0, null])
  const [room, count] = lines[1]!.split(' ') as [ConversationId, string]
  assert(Number(count) > 50)
  const store = await openSqliteStore({ directory })
  const entries = await store.log.read(room, 0, readsMax)
  assert.deepEqual(
    entries.map((entry) => entry.seq),
    Array.from({ length: Number(count) }, (_, index) => index + 1),
  )
  await store.close()
  remove()
})

// A really full disk needs the right to mount one. The test above needs no rights and covers other machines.
const small = temporaryDirectory()
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small.directory]).status === 0) {
  test('[M1, O4] a full disk: appends are Unavailable, accepted entries stay, and appends recover when there is room', async () => {
    const ballast = join(small.directory, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1_500_000))
    const directory = join(small.directory, 'data')
    const store = await openSqliteStore({ directory })
    const [a, b] = await makeAccounts(store, 2)
    const room = await makeDirect(store, a!, b!)
    let head = 1
    let asked = text(room, a!, '')
    try {
      for (; head < 1_000; head++) await accept(store, (asked = text(room, a!, '가득'.repeat(2_000))))
      assert.fail('the disk never became full')
    } catch (error) {
      assert(error instanceof Unavailable, String(error))
    }
    assert.match(store.health().fault ?? '', /full/)
    assert.deepEqual(await store.log.heads([room]), new Map([[room, { head, change: 0 }]]))
    rmSync(ballast)
    const after = await accept(store, asked)
    assert.deepEqual([after.seq, after.repeated, store.health().writable], [head + 1, false, true])
    await store.close()
    const again = await openSqliteStore({ directory })
    assert.equal((await again.log.read(room, 0, readsMax)).length, head + 1)
    await again.close()
    assert.equal(spawnSync('umount', [small.directory]).status, 0)
    small.remove()
  })
} else small.remove()

test('[O4] a dying thread ends a process without a handler', () => {
  const { directory, remove } = temporaryDirectory()
  const program = `
    import { openSqliteStore } from '${new URL('open-store.ts', import.meta.url).href}'
    import { makeAccounts, makeGroup, newId } from '${new URL('stores.ts', scripts).href}'
    const store = await openSqliteStore({ directory: import.meta.dirname })
    const [author] = await makeAccounts(store, 1)
    const conversationId = await makeGroup(store, author, [])
    setInterval(() => {}, 1_000)
    await store.log.createGroup({ conversationId, author, id: newId(), title: '', accounts: [] }, 1).catch((error) => console.log(error.name))`
  const script = join(directory, 'die.ts')
  writeFileSync(script, program)
  const ended = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 })
  assert.equal(ended.stdout.trim(), 'Unavailable', ended.stderr)
  assert.match(ended.stderr, /UNIQUE constraint failed/)
  assert.notEqual(ended.status, 0)
  assert.equal(ended.signal, null)
  remove()
})
