import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { aDay, figures, incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import { openRecord } from './open-record.ts'
import { RecordUnavailable } from './unavailable.ts'
import { verifyRecord } from './verify.ts'

const script = new URL('../../../../tests/contract/append-until-record-killed.ts', import.meta.url).pathname
const rounds = 5

function start(...args: string[]) {
  return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('[S3, S5] two processes append 500 times each: the chain is sound and has everything reported', async (t) => {
  const { directory, remove } = temporaryRecord()
  // The first start is a race too: both processes may create the record.
  const children = ['home', 'away'].map((post) => start(directory, post, '500'))
  t.after(() => children.forEach((child) => child.kill('SIGKILL')))
  const reported = new Map<number, string>()
  await Promise.all(
    children.map(async (child) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const [seq, hash] = line.split(' ')
        if (hash === undefined) return
        assert.equal(reported.has(Number(seq)), false, `${seq} was given once`)
        reported.set(Number(seq), hash)
      })
      assert.deepEqual(await once(child, 'close'), [0, null])
    }),
  )
  const record = openRecord(directory)
  const entries = record.read({})
  assert.equal(entries.length, 2_000)
  for (const { seq, hash } of entries) assert.equal(reported.get(seq), hash)
  for (const post of ['home', 'away']) {
    const own = entries.filter((entry) => entry.kind === 'sentinel' && entry.body.version === post)
    assert.equal(own.length, 500)
    const places = own.map(({ seq }) => entries[seq - 2])
    assert(
      places.every((entry) => entry?.kind === 'observations' && entry.body.post === post),
      'the two bodies of one append stand together',
    )
  }
  const turns = entries.filter((entry, index) => index > 1 && entry.kind === 'observations' && entries[index - 2]?.kind === 'observations')
  assert(turns.length > 0)
  assert(verifyRecord(record).sound)
  record.close()
  remove()
})

test('[S5] after a kill during appends the record is sound and has everything reported', async (t) => {
  const { directory, remove } = temporaryRecord()
  const reported = new Map<number, string>()
  for (let round = 0; round < rounds; round++) {
    const child = start(directory, `round-${round}`)
    t.after(() => child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout }).on('line', (line) => {
      const [, seq, hash] = /^(\d+) ([0-9a-f]{64})$/.exec(line) ?? []
      // The kill may have cut off the last line.
      if (seq !== undefined && hash !== undefined) reported.set(Number(seq), hash)
    })
    await once(lines, 'line')
    await sleep(40 + Math.random() * 150)
    child.kill('SIGKILL')
    await once(child, 'close')
    const record = openRecord(directory)
    for (const [seq, hash] of reported) assert.equal(record.read({ fromSeq: seq, toSeq: seq })[0]?.hash, hash)
    const verdict = verifyRecord(record)
    assert(verdict.sound)
    assert.equal(verdict.headSeq % 2, 0, 'an append of two bodies is whole')
    record.close()
  }
  assert(reported.size > rounds * 10, 'each round was killed while it was writing')
  remove()
})

test('[S3, S5] a record that cannot grow is unavailable and stays sound; with room, appends work again', async (t) => {
  const { directory, remove } = temporaryRecord()
  openRecord(directory).close()
  const program = `
    import { openRecord } from '${new URL('open-record.ts', import.meta.url).href}'
    import { incident } from '${new URL('../../../../tests/contract/record-bodies.ts', import.meta.url).href}'
    process.on('SIGXFSZ', () => {})
    const record = openRecord(${JSON.stringify(directory)})
    for (let n = 1; ; n++) {
      try {
        record.append([incident(n, ${aDay})], ${aDay})
        if (n > 100_000) process.exit(1)
      } catch (error) {
        if (error.name === 'RecordUnavailable') { console.log(error.fault, n - 1); break }
      }
    }
    process.stdin.once('data', () => { console.log(record.append([incident(1, ${aDay})], ${aDay})[0].seq); process.exit() })`
  const args = ['--fsize=600000:unlimited', process.execPath, '--input-type=module-typescript', '-e', program]
  const child = spawn('prlimit', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines: string[] = []
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await once(output, 'line')
  const [fault, count] = (lines[0] ?? '').split(' ')
  assert.match(fault ?? '', /full|unwritable/)
  assert(Number(count) > 20)
  assert.equal(verifyRecord(directory).headSeq, Number(count), 'it can be read all the time')
  assert.equal(spawnSync('prlimit', ['--pid', `${child.pid}`, '--fsize=unlimited:unlimited']).status, 0)
  child.stdin.write('on\n')
  await once(child, 'close')
  assert.equal(lines[1], String(Number(count) + 1))
  assert(verifyRecord(directory).sound)
  remove()
})

// A really full disk needs the right to mount one. The test above needs no rights and covers other machines.
const small = temporaryRecord()
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small.directory]).status === 0) {
  test('[S3, S5] a full disk is reported as such, and with room again appends work', () => {
    const ballast = join(small.directory, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1_000_000))
    const directory = join(small.directory, 'data')
    const record = openRecord(directory)
    let full: unknown
    for (let n = 1; n < 20_000 && full === undefined; n++) {
      try {
        record.append([figures(aDay, n), incident(n, aDay)], aDay)
      } catch (error) {
        full = error
      }
    }
    assert(full instanceof RecordUnavailable && full.fault === 'full', String(full))
    const head = record.head()
    assert(head > 100 && verifyRecord(record).sound)
    assert.throws(() => record.append([incident(1, aDay)], aDay), RecordUnavailable)
    const elsewhere = join(small.directory, 'other')
    writeFileSync(join(small.directory, 'rest'), '')
    assert.throws(() => openRecord(elsewhere), RecordUnavailable)
    rmSync(ballast)
    assert.equal(record.append([incident(1, aDay)], aDay)[0]?.seq, head + 1)
    assert(verifyRecord(record).sound)
    record.close()
    openRecord(elsewhere).close()
    assert.equal(spawnSync('umount', [small.directory]).status, 0)
    small.remove()
  })
} else small.remove()
