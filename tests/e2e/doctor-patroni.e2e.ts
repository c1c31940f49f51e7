import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { patroniCheck } from '../../apps/server/src/doctor/patroni.ts'
import { postgresCheck } from '../../apps/server/src/doctor/postgres.ts'
import { diagnose, troubles } from './doctor.ts'
import { freePort } from './free-port.ts'
import { startPatroni } from './patroni.ts'
import { waitFor } from './wait-for.ts'

const without = (example: string): string =>
  example
    .replace('synchronous_mode: true', 'synchronous_mode: false')
    .replace('synchronous_mode_strict: true', 'synchronous_mode_strict: false')
    .replace('failsafe_mode: true', 'failsafe_mode: false')

test('[O17] a real Patroni: each mandatory setting that is missing is told, and the example of deploy/ has them all', async (t) => {
  const patroni = await startPatroni(t, without)
  const seen = async (patroniConfigs = [patroni.file]): Promise<readonly string[]> =>
    troubles(await diagnose(patroniCheck, { patroni: [`${patroni.url}/`], patroniConfigs }))
  assert.deepEqual(await seen(), [
    'fault patroni/synchronous_mode',
    'fault patroni/synchronous_mode_strict',
    'warning patroni/failsafe_mode',
    'warning patroni/members',
  ])

  assert.ok((await seen([])).includes('warning patroni/watchdog'), 'Patroni itself does not tell')

  await patroni.change({ synchronous_mode: true, synchronous_mode_strict: true, failsafe_mode: true })
  // One data node is not three.
  await waitFor('Patroni to take its new configuration', async () => (await seen()).join() === 'warning patroni/members')

  await patroni.change({ pause: true })
  await waitFor('the pause', async () => (await seen()).join() === 'warning patroni/members,warning patroni/pause')
  await patroni.change({ pause: null })

  // Until a first standby has come, Patroni 3.0 lets the primary accept writes alone, also in strict mode; newer ones make it wait. PostgreSQL tells.
  const database = `postgres://postgres:CHANGE-ME@127.0.0.1:${patroni.postgresPort}/postgres`
  assert.match(troubles(await diagnose(postgresCheck(150_000), { database })).join(), /^fault postgres\/(?:synchronous_standby_names|standby)$/)

  rmSync(patroni.device)
  await waitFor('the watchdog to fail', async () => (await seen()).includes('fault patroni/watchdog-works'))
})

test('[O17] a node of Patroni whose file does not require a watchdog is a fault', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-doctor-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const example = readFileSync('deploy/patroni.yml', 'utf8')
  for (const [text, expected] of [
    [example, []],
    [example.replace('mode: required', "mode: 'off'"), ['fault patroni/watchdog']],
    [example.replace('  mode: required\n', ''), ['fault patroni/watchdog']],
    [example.replace('\nwatchdog:', '\nother:'), ['fault patroni/watchdog']],
    [`${example.replace('  mode: required\n', '')}\ntags:\n  mode: required\n`, ['fault patroni/watchdog']],
  ] as const) {
    writeFileSync(join(folder, 'patroni.yml'), text)
    assert.deepEqual(troubles(await diagnose(patroniCheck, { patroniConfigs: [join(folder, 'patroni.yml')] })), expected)
  }
  assert.deepEqual(troubles(await diagnose(patroniCheck, { patroniConfigs: [join(folder, 'none')] })), ['fault patroni/examined'])
})

test('[O17] a Patroni that does not answer is a fault', async () => {
  const findings = await diagnose(patroniCheck, { patroni: [`http://127.0.0.1:${await freePort()}`] })
  assert.deepEqual(troubles(findings), ['fault patroni/reached', 'warning patroni/watchdog'])
})
