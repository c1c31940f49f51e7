import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { StatusDocument } from '@bongsu/protocol'
import { startMailServer } from '../worlds/mail-server.ts'
import { openRecord } from '../../apps/sentinel/src/record/open-record.ts'
import { verifyRecord } from '../../apps/sentinel/src/record/verify.ts'
import { startSentinelProcess } from './sentinel-process.ts'
import { startServerProcess } from './server-process.ts'
import { signInAsPeopleDo, startWatchedTown, TOWN } from './watched-town.ts'
import { waitFor } from './wait-for.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

function bongsu(directory: string, ...args: readonly string[]) {
  const env = { ...process.env, BONGSU_STATUS_DATA: directory, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' }
  return spawnSync(process.execPath, ['apps/sentinel/src/cli.ts', ...args], { cwd: ROOT, env, encoding: 'utf8', timeout: 60_000 })
}

test('[S1] [S4] [S5] [S6] a messenger is killed, cut in part, and its sign-in broken: each is noticed, told as what it is, counted, and ended', async (t) => {
  const town = await startWatchedTown(t)
  const { sentinel, server, front, second } = town
  const opened = (part: string, withinMs: number) =>
    waitFor(
      `an incident about ${part}`,
      async () => {
        const { incidents, components } = await town.status()
        return incidents.length === 1 && components.some(({ id, condition }) => id === part && condition.endsWith('outage'))
      },
      { withinMs },
    )
  const closed = () => waitFor('the all clear', async () => (await town.status()).incidents.length === 0, { withinMs: 90_000 })

  await server.kill()
  await opened('messaging', 20_000)
  const page = await sentinel.get('/')
  assert.match(page.text, /메시지를 주고받을 수 없습니다|로그인이 되지 않습니다/)
  await server.start()
  await closed()

  await second.shut(true)
  await opened('messaging', 45_000)
  const { components } = await town.status()
  assert.equal(components.find(({ id }) => id === 'sign-in')?.condition, 'operational', 'what works is said to work')
  const truth = TOWN.behindSecondDoor / TOWN.users
  await waitFor('the true share to be said', async () => Math.abs(((await town.status()).incidents[0]?.share?.value ?? -1) - truth) <= 0.03, {
    withinMs: 60_000,
  })

  front.breakPaths(['/v1/sessions'])
  const signedIn = signInAsPeopleDo(t, front.url, town.visitors)
  await opened('sign-in', 30_000)
  front.breakPaths([])
  await second.shut(false)
  await signedIn

  const record = openRecord(sentinel.directory, { create: false })
  const said = record.read({ kinds: ['incident'] }).flatMap((entry) => (entry.kind === 'incident' ? [entry.body] : []))
  record.close()
  const end = said.find(({ status }) => status === 'resolved')
  assert.ok(
    end !== undefined && end.startedAt < (end.detectedAt ?? 0) && (end.detectedAt ?? 0) < (end.endedAt ?? 0),
    'began, noticed and ended are three times',
  )
  assert.equal(end.share?.value, 1, 'everybody was hit')
  assert.equal(new Set(said.map(({ incidentId }) => incidentId)).size, 1, 'what comes back within ten minutes is the same incident')

  // The messenger's data are deleted, and it is gone: the page stands.
  await server.kill()
  rmSync(server.directory, { recursive: true, force: true })
  const summary = JSON.parse((await sentinel.get('/api/v2/summary.json')).text) as { status: { indicator: string } }
  assert.ok(summary.status.indicator)

  const verdict = bongsu(sentinel.directory, 'record', 'verify')
  assert.equal(verdict.status, 0, verdict.stdout + verdict.stderr)
  assert.match(verdict.stdout, /Numbers computed again: of [1-9]/)
})

test('[S3] with the messenger and the sentinel dead a person opens, corrects and ends an incident, and the pages say so', async (t) => {
  const sentinel = await startSentinelProcess(t, {
    BONGSU_STATUS_SERVER: 'http://127.0.0.1:9',
    BONGSU_SENTINEL_KEY: 'a-key-of-nobody-at-all-in-the-world',
  })
  const twice = await startSentinelProcess(t, { BONGSU_STATUS_DATA: sentinel.directory, BONGSU_STATUS_SERVER: 'http://127.0.0.1:9' }, true)
  assert.equal(await twice.exited, 1)
  assert.match(twice.said, /Another sentinel already uses/)
  await sentinel.kill('SIGKILL')

  const opened = bongsu(
    sentinel.directory,
    'incident',
    'open',
    '--title-ko',
    '사진이 보이지 않습니다',
    '--component',
    'web=partial_outage',
    '--body-ko',
    '확인하고 있습니다',
    '--by',
    '김 담당',
  )
  assert.equal(opened.status, 0, opened.stdout + opened.stderr)
  const resolved = bongsu(sentinel.directory, 'incident', 'resolve', '--body-ko', '고쳤습니다')
  assert.equal(resolved.status, 0, resolved.stdout + resolved.stderr)
  await sentinel.start()
  const page = await sentinel.get('/history.html')
  assert.match(page.text, /사진이 보이지 않습니다/)
})

test('[S3] with the messenger dead the first operator signs in by the page and tells of an incident', async (t) => {
  const sentinel = await startSentinelProcess(t, {
    BONGSU_STATUS_SERVER: 'http://127.0.0.1:9',
    BONGSU_SENTINEL_KEY: 'a-key-of-nobody-at-all-in-the-world',
  })
  const [, link = ''] = (await waitFor('the link', () => /operator\/set-up\?link=([\w-]+)/.exec(sentinel.said))) as readonly string[]
  let cookie = ''
  const post = async (path: string, fields: Record<string, string>): Promise<Response> => {
    const answer = await fetch(sentinel.url + path, { method: 'POST', body: new URLSearchParams(fields), headers: { cookie }, redirect: 'manual' })
    await answer.body?.cancel()
    return answer
  }
  const operator = { name: '김봉화', password: '봉수대에 불을 올려라, 다섯 번' }
  assert.equal((await post('/operator/set-up', { link, ...operator })).status, 303)
  const signedIn = await post('/operator/sign-in', operator)
  cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  const desk = await (await fetch(`${sentinel.url}/operator`, { headers: { cookie } })).text()
  const token = /name="token" value="([^"]+)"/.exec(desk)?.[1]?.replaceAll('&#61;', '=') ?? ''
  const title = '사진이 보이지 않습니다'
  const said = await post('/operator/incidents/open', {
    token,
    'title-ko': title,
    'body-ko': '확인하고 있습니다.',
    impact: '',
    started: '',
    share: '',
    component: 'web=partial_outage',
    notify: 'yes',
  })
  assert.equal(said.status, 303)
  await waitFor(
    'the statement, when the time to take it back is over',
    async () => (JSON.parse((await sentinel.get('/status.json')).text) as StatusDocument).incidents.some((incident) => incident.title.ko === title),
    { withinMs: 30_000 },
  )
  await sentinel.kill('SIGTERM')
  const record = openRecord(sentinel.directory, { create: false })
  const words = record
    .read({ kinds: ['incident'] })
    .flatMap((entry) => (entry.kind === 'incident' && entry.body.title.ko === title ? [entry.body] : []))
  record.close()
  assert.deepEqual(
    words.map(({ by }) => by),
    [{ kind: 'person', name: operator.name }],
  )
})

test('[S1] [S5] [S8] a sentinel killed within an incident goes on with it: one incident, nobody told twice, ended when it is over', async (t) => {
  const key = 'a-key-that-both-of-them-have-to-know'
  const mails = await startMailServer()
  t.after(() => mails.stop())
  const server = await startServerProcess(t, { env: { BONGSU_SENTINEL_KEY: key } })
  const sentinel = await startSentinelProcess(t, {
    BONGSU_STATUS_SERVER: server.url,
    BONGSU_SENTINEL_KEY: key,
    BONGSU_STATUS_SMTP_URL: mails.url,
    BONGSU_STATUS_MAIL_FROM: 'status@example.kr',
  })
  const status = async (): Promise<StatusDocument> => JSON.parse((await sentinel.get('/status.json')).text) as StatusDocument
  const post = async (url: string, fields: Record<string, string>): Promise<number> => {
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
    await answer.body?.cancel()
    return answer.status
  }
  assert.equal(await post(`${sentinel.url}/subscribe`, { email: 'hana@example.kr', language: 'ko' }), 202)
  const letter = await waitFor('the letter', () => mails.received[0])
  const [confirm = ''] = /http\S+\/subscribe\/confirm\?token=\S+/.exec(letter.mail.text ?? '') ?? []
  assert.equal(await post(confirm, {}), 200)
  await waitFor('all to be green', async () => (await status()).components.every(({ condition }) => condition === 'operational'), {
    withinMs: 60_000,
  })

  await server.kill()
  const [incident] = await waitFor(
    'the incident',
    async () => {
      const { incidents } = await status()
      return incidents.length > 0 && incidents
    },
    { withinMs: 30_000 },
  )
  await waitFor('the mail of it', () => mails.received.length === 2)
  await sentinel.kill('SIGKILL')
  await sentinel.start()
  assert.deepEqual(
    (await status()).incidents.map(({ id }) => id),
    [incident?.id],
    'it stands on the page at once',
  )
  await sleep(12_000)
  assert.deepEqual(
    (await status()).incidents.map(({ id }) => id),
    [incident?.id],
    'what is seen anew is no other incident',
  )
  assert.equal(mails.received.length, 2, 'nor is it told again')

  // And what ends while nobody watches is ended by the one that comes back.
  await sentinel.kill('SIGKILL')
  await server.start()
  await sentinel.start()
  assert.equal((await status()).incidents.length, 1, 'it is not over because nobody has looked')
  await waitFor('the all clear', async () => (await status()).incidents.length === 0, { withinMs: 90_000 })
  await waitFor('the mail of the end', () => mails.received.length === 3)
  await sleep(3_000)
  assert.deepEqual(
    mails.received.slice(1).map(({ mail }) => /^\[봉수\] ([^:]+):/.exec(mail.subject ?? '')?.[1]),
    ['조사 중', '해결'],
    'the beginning and the end, each once',
  )
  await sentinel.kill('SIGTERM')
  const record = openRecord(sentinel.directory, { create: false })
  const words = record.read({ kinds: ['incident'] }).flatMap((entry) => (entry.kind === 'incident' ? [entry.body] : []))
  assert.deepEqual(
    words.map(({ incidentId, number }) => `${incidentId}#${number}`),
    words.map((_, index) => `${incident?.id}#${index + 1}`),
    'one incident, each word once',
  )
  // What is told again after a start would wait for the next mail, and be counted there.
  const folded = Number(/그사이의 알림 (\d+)건/.exec(mails.received.at(-1)?.mail.text ?? '')?.[1] ?? 0)
  assert.equal(folded, words.filter(({ notify }) => notify).length - 2)
  assert.ok(verifyRecord(record).sound)
  record.close()
})
