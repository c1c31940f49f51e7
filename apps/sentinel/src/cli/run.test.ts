import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { incident, temporaryRecord } from '../../../../tests/contract/record-bodies.ts'
import type { Thing } from '../acts/desk.ts'
import { foldIncidents, foldMaintenances, TEXT_BOUNDS } from '../incident/updates.ts'
import type { Incident, IncidentUpdate, Maintenance, MaintenanceUpdate } from '../vocabulary/incident.ts'
import { OPERATORS_FILE } from '../operator/sign-in.ts'
import { openOperatorStore } from '../operator/operator-store.ts'
import { lockRecord } from '../record/lock.ts'
import { openRecord, recordFile } from '../record/open-record.ts'
import { verifyRecord } from '../record/verify.ts'
import { INCIDENT_HELP, MAINTENANCE_HELP, PEOPLE_HELP, RECORD_HELP } from './help.ts'
import { runCommand } from './run.ts'
import { recordDesk } from './speak.ts'
import type { Terminal } from './terminal.ts'

/** 2024-07-18 11:26 in Seoul, 32 minutes after the fault. */
const now = Date.UTC(2024, 6, 18, 2, 26)

function desk(t: TestContext, more: Partial<Terminal> = {}) {
  const { directory, remove } = temporaryRecord()
  t.after(remove)
  const [outs, notes]: [string[], string[]] = [[], []]
  let published = 0
  let publishing = (): { places: string[]; problems: string[] } => ({ places: ['public'], problems: [] })
  const terminal: Terminal = {
    language: 'en',
    timeZone: 'Asia/Seoul',
    user: 'kim',
    directory,
    now: () => now,
    out: (line) => void outs.push(line),
    note: (line) => void notes.push(line),
    write: (text) => Promise.resolve(void outs.push(text)),
    interactive: false,
    readInput: () => Promise.resolve(''),
    ...more,
  }
  return {
    directory,
    outs,
    notes,
    published: () => published,
    publishAs: (answer: typeof publishing) => (publishing = answer),
    run: async (...args: string[]) => {
      outs.length = 0
      notes.length = 0
      const code = await runCommand(args, {
        terminal,
        publishNow: async () => {
          published += 1
          return publishing()
        },
        serviceUrl: 'https://status.example.kr',
        recomputers: [
          { kind: 'incident', recompute: (entry) => (entry.kind === 'incident' && entry.body.share !== null ? { 'share.value': 0.08 } : null) },
        ],
      })
      return code
    },
    incidents: (): readonly Incident[] => {
      const record = openRecord(directory)
      const updates = record.read({ kinds: ['incident'] }).map(({ body }) => body as IncidentUpdate)
      record.close()
      return foldIncidents(updates)
    },
    maintenances: (): readonly Maintenance[] => {
      const record = openRecord(directory)
      const updates = record.read({ kinds: ['maintenance'] }).map(({ body }) => body as MaintenanceUpdate)
      record.close()
      return foldMaintenances(updates)
    },
  }
}

const OPEN = [
  'incident',
  'open',
  '--title-ko',
  'PC 로그인 장애',
  '--title-en',
  'Sign-in on PCs',
  '--component',
  'sign-in=major_outage:pc',
  '--started',
  '10:54',
  '--body-ko',
  '확인 중',
  '--body-en',
  'Looking',
]

test('[S3, S5] an incident is opened, updated, resolved and corrected by commands alone; all statements stay', async (t) => {
  const { run, incidents, directory, published, outs } = desk(t)
  assert.equal(await run(...OPEN, '--new'), 0)
  assert.equal(
    await run(
      'incident',
      'update',
      '--status',
      'identified',
      '--component',
      'messaging=degraded_performance',
      '--body-en',
      'Found it',
      '--share',
      '8%',
      '--share-range',
      '5%-11%',
    ),
    0,
  )
  assert.equal(await run('incident', 'update', '--component', 'sign-in=operational', '--body-ko', '로그인은 됩니다'), 0)
  assert.equal(await run('incident', 'list'), 0)
  const [{ incidentId }] = incidents() as [Incident]
  assert.match(
    outs.join('\n'),
    new RegExp(
      `^${incidentId} · identified · critical · since 2024-07-18 10:54:00 · messaging=degraded_performance · 8.0% · 3 updates · Sign-in on PCs$`,
    ),
  )
  assert.equal(await run('incident', 'resolve', '--ended', '11:20'), 0)
  assert.equal(
    await run(
      'incident',
      'correct',
      incidentId.slice(0, 5),
      '--ended',
      '11:15',
      '--why-ko',
      '시각을 잘못 적었습니다',
      '--why-en',
      'The time was wrong',
    ),
    0,
  )
  const [whole] = incidents() as [Incident]
  const minutes = (from: number): number => (from - Date.UTC(2024, 6, 18, 1, 54)) / 60_000
  assert.deepEqual(
    whole.updates.map(({ number, status, by, hits, startedAt, detectedAt, endedAt, notify }) => [
      number,
      status,
      by,
      hits.map(({ component }) => component),
      minutes(startedAt),
      minutes(detectedAt ?? 0),
      endedAt && minutes(endedAt),
      notify,
    ]),
    [
      [1, 'investigating', { kind: 'person', name: 'kim' }, ['sign-in'], 0, 32, null, true],
      [2, 'identified', { kind: 'person', name: 'kim' }, ['sign-in', 'messaging'], 0, 32, null, true],
      [3, 'identified', { kind: 'person', name: 'kim' }, ['messaging'], 0, 32, null, true],
      [4, 'resolved', { kind: 'person', name: 'kim' }, ['messaging'], 0, 32, 26, true],
      [5, 'resolved', { kind: 'person', name: 'kim' }, ['messaging'], 0, 32, 21, false],
    ],
  )
  assert.deepEqual(whole.updates[0]?.hits, [{ component: 'sign-in', condition: 'major_outage', profiles: ['pc'] }])
  assert.deepEqual(whole.share, { value: 0.08, low: 0.05, high: 0.11, affected: 0, total: 0, source: 'person', kind: 'affected' })
  assert.deepEqual(whole.updates[1]?.body, { ko: 'Found it', en: 'Found it' })
  assert.deepEqual(whole.updates[4]?.correction, { ko: '시각을 잘못 적었습니다', en: 'The time was wrong' })
  assert.equal(published(), 5)
  assert(verifyRecord(directory).sound)
})

test('[S3] all mistakes are reported at once, and nothing is written', async (t) => {
  const { run, notes, directory, published } = desk(t)
  assert.equal(await run(...OPEN, '--new'), 0)
  const before = readFileSync(recordFile(directory))
  assert.equal(
    await run(
      'incident',
      'open',
      '--component',
      'mail=down',
      '--impact',
      'huge',
      '--status',
      'sad',
      '--started',
      '25:00',
      '--ended',
      'soon',
      '--share',
      '8',
    ),
    64,
  )
  assert.equal(notes.length, 1 + 7, notes.join('\n'))
  assert.equal(await run('incident', 'resolve', 'zzzz', '--impact', 'huge'), 64)
  assert.equal(notes.length, 1 + 2)
  for (const args of [
    ['incident', 'update', '--ended', '11:00', '--body-ko', '끝'],
    ['incident', 'resolve', '--status', 'monitoring'],
    ['incident', 'correct', '--title-ko', '새 제목'],
    ['incident', 'update', '--body-ko', ' '],
    ['incident', 'update', '--body-ko', '가'.repeat(TEXT_BOUNDS.bodyCodePointsMax + 1)],
    ['incident', 'update', '--started', '2030-01-01', '--body-ko', '미래'],
    ['incident', 'resolve', '--ended', '10:00'],
    ['incident', 'update', '--by', '', '--body-ko', '누구'],
    ['incident', 'update', '--component', 'web=unknown', '--body-ko', '?'],
    ['incident', 'update', '--component', 'web=operational', '--component', 'web=major_outage', '--body-ko', '?'],
    ['incident', 'update', '--share', '12%', '--share-range', '1%-2%', '--body-ko', '?'],
    ['incident', 'update', '--share-range', '1%-2%', '--body-ko', '?'],
    ['incident', 'update'],
    ['incident', 'frob'],
    ['incident'],
    [],
    ['incident', 'update', '--colour', 'red', '--body-ko', '?'],
    ['incident', 'update', 'a', 'b', '--body-ko', '?'],
    ['incident', 'open', 'PC', '--title-ko', 'x', '--body-ko', '?'],
    ['record', 'verify', '--known', 'x'],
    ['record', 'export', '--format', 'xml'],
    ['record', 'export', '--from', '11:00', '--to', '10:00'],
  ])
    assert.equal(await run(...args), 64, args.join(' '))
  assert.equal(published(), 1)
  assert.deepEqual(readFileSync(recordFile(directory)), before)
})

test('[S3] the text is piped in or typed, and a line of hyphens separates the languages', async (t) => {
  const piped = desk(t, { readInput: () => Promise.resolve('첫 줄\r\n둘째 줄\r\n---\r\nIn English\r\n') })
  const withoutBody = OPEN.slice(0, OPEN.indexOf('--body-ko'))
  assert.equal(await piped.run(...withoutBody, '--new'), 0)
  assert.deepEqual(piped.incidents()[0]?.updates[0]?.body, { ko: '첫 줄\n둘째 줄', en: 'In English' })
  let typed = '쓴 글\n\n---\n'
  const person = desk(t, { interactive: true, readInput: () => Promise.resolve(typed) })
  assert.equal(await person.run(...withoutBody, '--new'), 0)
  assert.match(person.notes.join('\n'), /^Type the text: /m)
  assert.deepEqual(person.incidents()[0]?.updates[0]?.body, { ko: '쓴 글', en: '쓴 글' })
  typed = ' \n---\n'
  assert.equal(await person.run('incident', 'update'), 64, 'nothing was typed')
  assert.equal(person.incidents()[0]?.updates.length, 1)
})

test('[S3] a mistyped folder gets no record, unless --new is given', async (t) => {
  const { run, notes, directory } = desk(t)
  const elsewhere = join(directory, 'elsewhere')
  for (const args of [OPEN, ['incident', 'list'], ['incident', 'publish'], ['maintenance', 'list'], ['record', 'verify'], ['record', 'export']]) {
    assert.equal(await run(...args, '--data', elsewhere), 1, args.join(' '))
    assert.match(notes.join('\n'), /There is no record in .*elsewhere/)
  }
  assert.equal(existsSync(elsewhere), false)
  assert.equal(await run(...OPEN, '--data', elsewhere, '--new'), 0)
  assert.equal(await run('incident', 'list', '--data', elsewhere), 0)
})

test('[S3] a running sentinel makes the pages, unless --publish is given; a failure to publish is reported', async (t) => {
  const { run, directory, published, outs, notes, publishAs, incidents } = desk(t)
  const release = lockRecord(directory)
  assert.equal(await run(...OPEN, '--new'), 0)
  assert.equal(published(), 0)
  assert.match(outs.join('\n'), /The sentinel is running/)
  assert.equal(await run('incident', 'update', '--body-ko', '둘', '--publish'), 0)
  assert.equal(published(), 1)
  release()
  publishAs(() => ({ places: ['public'], problems: ['rsync: no route'] }))
  assert.equal(await run('incident', 'update', '--body-ko', '셋'), 3)
  assert.match(notes.join('\n'), /Not published: rsync: no route/)
  publishAs(() => {
    throw new Error('no template')
  })
  assert.equal(await run('incident', 'publish'), 3)
  assert.equal(incidents()[0]?.updates.length, 3)
})

test('[S3, S5] a statement is derived again when someone else spoke in between: no two share a number', async (t) => {
  let other = (): Promise<unknown> => Promise.resolve()
  const readInput = async (): Promise<string> => {
    await other()
    return '늦은 글'
  }
  const { run, directory, incidents } = desk(t, { readInput })
  assert.equal(await run(...OPEN, '--new'), 0)
  const [{ incidentId }] = incidents() as [Incident]
  // While this person writes, another one closes the incident.
  const second = desk(t)
  other = () => second.run('incident', 'resolve', '--data', directory)
  assert.equal(await run('incident', 'update', incidentId), 0)
  assert.deepEqual(
    incidents()[0]?.updates.map(({ number, status }) => [number, status]),
    [
      [1, 'investigating'],
      [2, 'resolved'],
      [3, 'resolved'],
    ],
  )
})

test('[S3, S5] statements of another process between read and write are taken into account', (t) => {
  const { directory } = desk(t)
  const [mine, theirs] = [openRecord(directory), openRecord(directory)]
  t.after(() => [mine, theirs].forEach((record) => record.close()))
  const direct = recordDesk(mine, () => now)
  let readings = 0
  const derive = (all: readonly Thing[]): IncidentUpdate => incident((all[0]?.updates.length ?? 0) + 1, now).body
  const said = direct.say('incident', (all) => {
    if (++readings <= 3) theirs.append([{ kind: 'incident', body: derive(all) }], now)
    return derive(all)
  })
  assert.equal('update' in said && said.update.number, 4)
  assert.deepEqual(
    direct.things('incident')[0]?.updates.map(({ number }) => number),
    [1, 2, 3, 4],
  )
  const never = direct.say('incident', (all) => {
    theirs.append([{ kind: 'incident', body: derive(all) }], now)
    return derive(all)
  })
  assert('faults' in never, 'it ends')
})

test('[S3] maintenance is announced, started and completed', async (t) => {
  const { run, maintenances, outs } = desk(t)
  const plan = ['maintenance', 'schedule', '--title-ko', '서버 점검', '--component', 'messaging', '--component', 'web', '--body-ko', '잠시 멈춥니다']
  assert.equal(await run(...plan, '--from', '04:00', '--until', '05:30', '--new'), 0)
  assert.equal(await run(...plan, '--from', '04:00', '--until', '03:00'), 64)
  assert.equal(await run(...plan), 64)
  assert.equal(await run('maintenance', 'update', '--until', '06:00', '--body-ko', '길어집니다'), 0)
  assert.equal(await run('maintenance', 'list'), 0)
  assert.match(outs[0] ?? '', /· scheduled · 2024-07-19 04:00:00 – 2024-07-19 06:00:00 · messaging web · 서버 점검$/)
  assert.equal(await run('maintenance', 'start'), 0)
  assert.equal(await run('maintenance', 'start'), 64)
  assert.equal(await run('maintenance', 'complete', '--quiet'), 0)
  assert.equal(await run('maintenance', 'complete'), 64)
  assert.deepEqual(
    maintenances()[0]?.updates.map(({ number, status, notify }) => [number, status, notify]),
    [
      [1, 'scheduled', true],
      [2, 'scheduled', true],
      [3, 'in_progress', true],
      [4, 'completed', false],
    ],
  )
})

test('[S5, S6] the exit codes of record verify and export tell a sound record from a damaged one', async (t) => {
  const { run, outs, directory } = desk(t)
  await run(...OPEN, '--new')
  await run('incident', 'update', '--share', '8%', '--body-ko', '여덟')
  assert.equal(await run('record', 'verify'), 0, outs.join('\n'))
  const note = /elsewhere: (2:[0-9a-f]{64})$/.exec(outs.at(-1) ?? '')?.[1] ?? ''
  assert.equal(await run('record', 'verify', '--known', note), 0)
  const file = join(directory, 'export.jsonl')
  assert.equal(await run('record', 'export', '--out', file), 0)
  assert.equal(await run('record', 'export', '--out', file), 64, 'never over a file that is there')
  assert.equal(await run('record', 'export'), 0)
  assert.equal(outs.join(''), readFileSync(file, 'utf8'))
  assert.equal(await run('record', 'verify', '--file', file, '--known', note), 0)
  assert.equal(await run('record', 'verify', '--file', file, '--data', directory), 64)
  assert.equal(await run('record', 'verify', '--file', join(directory, 'none')), 1)
  writeFileSync(file, readFileSync(file, 'utf8').replace('critical', 'none'))
  assert.equal(await run('record', 'verify', '--file', file), 1)
  assert.match(outs.join('\n'), /Broken: 1 problems, the first at entry 1/)
  await run('incident', 'update', '--share', '9%', '--body-ko', '아홉')
  assert.equal(await run('record', 'verify'), 1)
  assert.match(outs[0] ?? '', /Entry 3 states share.value = 0.09; the stored entries give 0.08/)
  const shell = new DatabaseSync(recordFile(directory))
  shell.exec("DROP TRIGGER entries_unchanged; UPDATE entries SET body = replace(body, 'critical', 'minor') WHERE seq = 2")
  shell.close()
  assert.equal(await run('record', 'verify'), 1)
  assert.match(outs.join('\n'), /Entry 2 does not follow/)
  writeFileSync(recordFile(directory), 'x')
  assert.equal(await run('record', 'verify'), 1)
  assert.equal(await run(...OPEN), 1)
})

test('[S3] every command has its own help, also together with a mistake', async (t) => {
  const { run, outs, notes } = desk(t)
  for (const [area, help] of [
    ['incident', INCIDENT_HELP],
    ['maintenance', MAINTENANCE_HELP],
    ['record', RECORD_HELP],
    ['operator', PEOPLE_HELP],
  ] as const) {
    assert.equal(await run(area, 'open', '--nonsense', '--help'), 0)
    assert.deepEqual(outs, [help])
    assert.equal(await run(area, 'nonsense'), 64)
    assert(notes.join('\n').endsWith(help))
  }
})

test('[S12] operators are added, listed, given a role and removed by commands; one keeper stays', async (t) => {
  const { run, outs, notes, directory } = desk(t)
  assert.equal(await run('operator', 'add', '김봉화'), 0)
  const token = /^https:\/\/status\.example\.kr\/operator\/set-up\?link=(.+)$/.exec(outs[0] ?? '')?.[1] ?? ''
  const store = openOperatorStore(join(directory, OPERATORS_FILE), now)
  assert.equal(store.useLink(token, '김봉화', 'hash', now), 'done')
  assert.equal(store.useLink(store.makeLink(null, 'speaker', now), '이수리', 'hash', now), 'done')
  store.close()
  assert.equal(await run('operator', 'list'), 0)
  assert.match(outs.join('\n'), /^김봉화 · keeper .*\n이수리 · speaker /)
  assert.equal(await run('operator', 'remove', '김봉화'), 64)
  assert.match(notes.join('\n'), /at least one keeper/)
  assert.equal(await run('operator', 'role', '김봉화', 'speaker'), 64)
  assert.equal(await run('operator', 'role', '이수리', 'owner'), 64)
  assert.equal(await run('operator', 'role', '이수리', 'keeper'), 0)
  assert.equal(await run('operator', 'remove', '김봉화'), 0)
  assert.equal(await run('operator', 'remove', '김봉화'), 64)
  assert.equal(await run('operator', 'list'), 0)
  assert.match(outs.join('\n'), /^이수리 · keeper /)
})
