import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openIncident } from '../incident/updates.ts'
import { openNotifyStore } from './open-store.ts'
import { startMailServer } from '../../../../tests/worlds/mail-server.ts'

const PEOPLE = 80
const KILLS_MAX = 12

test('[S8] after a kill at any moment while sending to many and a restart, nobody is told twice and nobody is forgotten', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-kill-'))
  const file = join(folder, 'subscribers.db')
  const server = await startMailServer()
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const now = Date.now()
  const store = openNotifyStore(file, now)
  for (let person = 1; person <= PEOPLE; person++) {
    store.subscribers.ask(`p${person}@example.kr`, 'ko', now)
    store.subscribers.confirm(person, now)
    store.deliveries.ended(
      store.deliveries.waiting('mail', person, now, 1).map(({ id }) => id),
      'told',
      null,
      now,
    )
  }
  const title = { ko: '장애', en: 'Outage' }
  const update = openIncident({ id: 'i1', title, body: title, hits: [], impact: 'major', startedAt: now, detectedAt: now }, { kind: 'auto' }, now)
  store.deliveries.plan([{ notice: { kind: 'incident', key: 'incident:i1:1', update }, changes: [] }], now)
  assert.equal(store.deliveries.counts(now).waiting, PEOPLE)

  let kills = 0
  for (let over = false; !over;) {
    const before = server.received.length
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../../../tests/worlds/notifier-process.ts'), file, server.url], {
      stdio: 'inherit',
    })
    const ended = once(child, 'exit')
    // The kill comes at a random moment after the first few mails.
    while (child.exitCode === null && server.received.length === before) await new Promise((resolve) => setTimeout(resolve, 2))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
    if (kills < KILLS_MAX && child.exitCode === null) {
      kills++
      child.kill('SIGKILL')
    }
    const [code] = (await ended) as [number | null]
    over = code === 0
  }

  const { told, unknown } = store.deliveries.counts(Date.now() + 1_000)
  store.close()
  const mails = Map.groupBy(server.received, ({ to }) => to[0] ?? '')
  assert.ok(kills >= 5, `${kills} kills`)
  assert.deepEqual(
    [...mails].filter(([, copies]) => copies.length > 1).map(([to]) => to),
    [],
    'told twice',
  )
  // The letters of the preparation are counted too.
  assert.equal(told - PEOPLE + unknown, PEOPLE, 'forgotten')
  assert.ok(mails.size >= told - PEOPLE, `${mails.size} have it, ${told - PEOPLE} are said to`)
  t.diagnostic(`${kills} kills, ${mails.size} of ${PEOPLE} have it, ${unknown} in doubt`)
})
