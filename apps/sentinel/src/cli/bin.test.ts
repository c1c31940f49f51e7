import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { StatusDocument } from '@bongsu/protocol/schemas'
import { incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import type { Incident } from '../vocabulary/incident.ts'
import { openRecord } from '../record/open-record.ts'

const bin = new URL('../../../server/bin/bongsu.js', import.meta.url).pathname

function run(directory: string, ...args: string[]) {
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    BONGSU_STATUS_DATA: `${directory}/record`,
    BONGSU_STATUS_PORT: 'nonsense',
    LANG: 'ko_KR.UTF-8',
  }
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, cwd: directory, input: '', timeout: 30_000 })
}

test('[S3] npx bongsu works from any folder, with a wrong setting, and nothing else running', () => {
  const { directory, remove } = temporaryRecord()
  const title = ['--title-ko', '메시지 장애', '--body-ko', '확인하고 있습니다.']
  const opened = run(directory, 'incident', 'open', '--new', '--component', 'messaging=major_outage', ...title)
  // 3: recorded, but wrong settings leave the place of the pages unknown.
  assert.equal(opened.status, 3, opened.stderr)
  assert.match(opened.stderr, /BONGSU_STATUS_PORT must be/)
  assert.match(opened.stdout, /^기록했습니다 \(1번\)/)
  const listed = run(directory, 'incident', 'list', '--json')
  assert.equal(listed.status, 0, listed.stderr)
  const [listedOne] = JSON.parse(listed.stdout) as [Incident]
  assert.notEqual(listedOne.updates[0]?.by.kind === 'person' && listedOne.updates[0].by.name, 'root', 'root is nobody’s name')
  assert.deepEqual([listedOne.title, listedOne.updates.length], [{ ko: '메시지 장애', en: '메시지 장애' }, 1])
  assert.equal(run(directory, 'incident', 'nonsense').status, 64)
  assert.equal(run(directory, 'record', 'verify').status, 0)
  assert.equal(run(directory, 'verify', '--help').stdout.includes('npx bongsu backup'), true, 'the server’s own commands are where they were')
  remove()
})

test('[S2, S3, S4] without a sentinel the command makes the pages itself, and they do not show green', () => {
  const { directory, remove } = temporaryRecord()
  const args = [
    '--data',
    `${directory}/record`,
    '--component',
    'sign-in=major_outage:pc',
    '--title-ko',
    'PC 로그인 장애',
    '--body-ko',
    '사람이 쓴 글',
  ]
  const env = { PATH: process.env['PATH'], HOME: directory }
  const opened = spawnSync(process.execPath, [bin, 'incident', 'open', '--new', ...args], { encoding: 'utf8', env, cwd: directory, timeout: 30_000 })
  assert.equal(opened.status, 0, opened.stderr)
  assert.match(opened.stdout, /^Published: .*public$/m)
  const page = readFileSync(`${directory}/record/public/index.html`, 'utf8')
  assert(page.includes('사람이 쓴 글'))
  const { incidents, components } = JSON.parse(readFileSync(`${directory}/record/public/status.json`, 'utf8')) as StatusDocument
  assert.equal(incidents[0]?.title.ko, 'PC 로그인 장애')
  assert(components.every(({ condition }) => condition !== 'operational'))
  remove()
})

test('[S5] an export whose reader closes the pipe ends without an error', async () => {
  const { directory, remove } = temporaryRecord()
  // More than any pipe holds.
  const record = openRecord(`${directory}/record`)
  for (let n = 0; n < 5; n++)
    record.append(
      Array.from({ length: 1_000 }, () => incident(1, Date.now())),
      Date.now(),
    )
  record.close()
  const child = spawn(process.execPath, [bin, 'record', 'export', '--data', `${directory}/record`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
  child.stdout.once('data', () => child.stdout.destroy())
  assert.deepEqual(await once(child, 'close'), [0, null], complaint)
  assert.equal(complaint, '')
  remove()
})
