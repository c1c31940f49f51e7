import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { LIMITS, type AccountId, type ConversationId, type DeviceId, type SignedIn } from '@bongsu/protocol'
import { percentile } from '../../bench/percentiles.ts'
import { insertAccounts } from '../e2e/many-accounts.ts'
import { startServerProcess } from '../e2e/server-process.ts'
import { smallDisk } from '../worlds/small-disk.ts'
import { openDevice } from './rude-device.ts'

// One account, or many strangers, do their worst against a real server with its own limits. Can the others still do everything?

const SECONDS = Number(process.env['SECONDS'] ?? '15')
const GOAL_RATIO = 2
/** As many devices as an account may have. */
const DEVICES = LIMITS.devicesPerAccountMax
const DISK_KIB = 262_144
const PASSWORD = '봉수대의 불빛 하나'
/** What is less is measurement noise on a machine that does other things too, in ms. */
const NOISE_MS = 20

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

interface Outcome {
  readonly attack: string
  readonly acts: Record<string, boolean>
  readonly figures: Record<string, unknown>
}

const ends: (() => void | Promise<void>)[] = []
const later = { after: (run: () => void | Promise<void>): void => void ends.push(run) }
const skips: string[] = []
const outcomes: Outcome[] = []

try {
  const disk = smallDisk({ ...later, skip: (why: string) => void skips.push(why) } as never, later, DISK_KIB)
  const directory = disk?.path ?? mkdtempSync(join(tmpdir(), 'bongsu-abuse-'))
  if (disk === null) later.after(() => rmSync(directory, { recursive: true, force: true }))
  await drill(directory)
} finally {
  for (const end of ends.splice(0).toReversed()) await end()
}

async function drill(directory: string): Promise<void> {
  const crowd = await insertAccounts(directory, LIMITS.inviteesPerEntryMax)
  const server = await startServerProcess(later, {
    directory,
    env: {
      BONGSU_REGISTRATION: 'open',
      BONGSU_TRUSTED_PROXIES: 'loopback',
      BONGSU_REQUESTS_PER_MINUTE: '600',
      BONGSU_OPEN_REQUESTS_PER_MINUTE: '120',
      BONGSU_FRAMES_PER_SECOND: '50',
      BONGSU_FRAMES_BURST: '300',
      BONGSU_CONNECTIONS_MAX: '16000',
      BONGSU_SIGN_IN_FAILURES_PER_HANDLE: '10',
      BONGSU_SIGN_IN_FAILURES_PER_ADDRESS: '50',
    },
  })
  /** One request, from this address as the proxy in front says. */
  async function ask(method: string, path: string, from: { token?: string; address?: string }, body?: unknown): Promise<Answer> {
    try {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          'x-forwarded-for': from.address ?? '203.0.113.7',
          ...(from.token === undefined ? {} : { authorization: `Bearer ${from.token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    } catch {
      return { status: 0, body: {} }
    }
  }
  const enrol = async (handle: string, address: string): Promise<SignedIn> => {
    const made = await ask('POST', '/v1/accounts', { address }, { handle, displayName: handle, password: PASSWORD, deviceName: '시험' })
    if (made.status !== 200) throw new Error(`${handle} could not join: ${made.status} ${JSON.stringify(made.body)}`)
    return made.body as unknown as SignedIn
  }
  const signIn = (handle: string, password: string, address: string, deviceId?: DeviceId): Promise<Answer> =>
    ask('POST', '/v1/sessions', { address }, { handle, password, deviceName: '또', ...(deviceId === undefined ? {} : { deviceId }) })
  const [victim, friend, attacker] = [
    await enrol('victim', '198.51.100.1'),
    await enrol('friend', '198.51.100.2'),
    await enrol('attacker', '192.0.2.66'),
  ]
  const idOf = (who: SignedIn): AccountId => who.profile.accountId
  const group = async (who: SignedIn, accounts: readonly AccountId[]): Promise<Answer> =>
    ask('POST', '/v1/groups', { token: who.token }, { id: randomUUID(), title: '', accounts })
  const direct = (who: SignedIn, other: AccountId): Promise<Answer> => ask('PUT', `/v1/direct/${other}`, { token: who.token })
  const ok = async (answer: Promise<Answer>): Promise<boolean> => (await answer).status === 200
  const home = (await group(victim, [idOf(friend)])).body['conversationId'] as ConversationId
  const lair = (await group(attacker, [])).body['conversationId'] as ConversationId

  const honest = new Worker(new URL('./honest-talker.ts', import.meta.url), { workerData: { url: server.url, token: victim.token, home } })
  later.after(async () => void (await honest.terminate()))
  const told = <T>(): Promise<T> => new Promise((resolve, reject) => honest.once('message', resolve).once('error', reject))
  await told()
  const free = (): number => {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  }
  const { blocks, bsize } = statfsSync(directory)
  const reserveBytes = Math.min(1_000_000_000, (blocks * bsize) / 10)
  let leastFree = free()
  const watching = setInterval(() => (leastFree = Math.min(leastFree, free())), 200)
  later.after(() => clearInterval(watching))

  /** Acceptance times of honest texts, in ms; -1 for one that was not accepted in 10 s. */
  async function talk(ms: number): Promise<readonly number[]> {
    const times = told<readonly number[]>()
    honest.postMessage(ms)
    return times
  }
  const p95 = (times: readonly number[]): number => percentile(Float64Array.from(times.map((ms) => (ms < 0 ? 10_000 : ms))).toSorted(), 0.95)
  const round = (ms: number): number => Math.round(ms * 10) / 10
  const calm = p95(await talk(SECONDS * 1_000))

  async function attack(
    name: string,
    run: (isOver: () => boolean) => Promise<Record<string, unknown>>,
    acts: () => Promise<Record<string, boolean>>,
  ): Promise<void> {
    const until = performance.now() + SECONDS * 1_000
    const running = run(() => performance.now() >= until)
    const times = await talk(SECONDS * 1_000)
    const done = await acts()
    const figures = await running
    const under = p95(times)
    outcomes.push({
      attack: name,
      acts: { ...done, texts: times.every((ms) => ms >= 0) },
      figures: { ...figures, p95Ms: round(under), ratio: round(Math.max(under, NOISE_MS) / Math.max(calm, NOISE_MS)) },
    })
  }

  await attack(
    'membership flood',
    async (isOver) => {
      const codes: Record<string, number> = {}
      while (!isOver()) {
        const names = [idOf(victim), ...crowd.slice(0, 98).map(({ accountId }) => accountId)]
        const made = await Promise.all([group(attacker, names), group(attacker, [idOf(victim)]), direct(attacker, crowd[0]!.accountId)])
        for (const { status } of made) codes[status] = (codes[status] ?? 0) + 1
      }
      return { answers: codes }
    },
    async () => ({
      group: await ok(group(victim, [idOf(friend)])),
      direct: await ok(direct(victim, crowd[50]!.accountId)),
      notes: await ok(direct(victim, idOf(victim))),
      invitedByFriend: await ok(group(friend, [idOf(victim)])),
      directByOther: await ok(direct(friend, idOf(victim))),
    }),
  )

  const devices = [await openDevice(server.url, attacker.token)]
  for (let n = 1; n < DEVICES; n++) {
    const more = await signIn('attacker', PASSWORD, `192.0.2.${n}`)
    if (more.status === 200) devices.push(await openDevice(server.url, more.body['token'] as string))
  }
  await attack(
    `text flood by ${devices.length} devices of one account`,
    async (isOver) => {
      const text = '가'.repeat(LIMITS.textCodePointsMax)
      let accepted = 0
      await Promise.all(
        devices.map(async (device) => {
          while (!isOver()) {
            const sent = await Promise.all(Array.from({ length: 8 }, () => device.send(lair, text, 5_000)))
            accepted += sent.filter((ms) => ms >= 0).length
            if (sent.every((ms) => ms < 0)) await sleep(50)
          }
        }),
      )
      return { acceptedMB: Math.round((accepted * Buffer.byteLength(text)) / 1e6) }
    },
    async () => ({ group: await ok(group(victim, [idOf(friend)])), signIn: await ok(signIn('victim', PASSWORD, '198.51.100.1', victim.deviceId)) }),
  )
  await attack(
    'refresh flood',
    async (isOver) => {
      const before = devices.reduce((sum, device) => sum + device.bytes(), 0)
      while (!isOver()) {
        for (const device of devices) for (let n = 0; n < 20; n++) device.say({ t: 'refresh', conversationId: lair })
        await sleep(100)
      }
      return { MBps: Math.round((devices.reduce((sum, device) => sum + device.bytes(), 0) - before) / 1e5 / SECONDS) / 10 }
    },
    async () => ({ history: await ok(ask('GET', `/v1/conversations/${home}/entries?limit=20`, { token: victim.token })) }),
  )
  for (const device of devices) device.end()

  await attack(
    'wrong passwords for the victim, from many addresses',
    async (isOver) => {
      let tried = 0
      while (!isOver()) await Promise.all(Array.from({ length: 4 }, () => signIn('victim', 'wrong wrong wrong', `192.0.2.${tried++ % 250}`)))
      return { tried }
    },
    async () => ({
      knownDevice: await ok(signIn('victim', PASSWORD, '203.0.113.99', victim.deviceId)),
      knownAddress: await ok(signIn('friend', PASSWORD, '198.51.100.2')),
      password: await ok(ask('PUT', '/v1/password', { token: victim.token, address: '203.0.113.98' }, { current: PASSWORD, next: `${PASSWORD}!` })),
    }),
  )
  await attack(
    'sign-ins, 160 at a time, from thousands of addresses',
    async (isOver) => {
      let tried = 0
      const one = async (): Promise<void> => {
        while (!isOver()) await signIn(`nobody${tried}`, 'wrong wrong wrong', `2001:db8:1:${(tried++ % 60_000).toString(16)}::1`)
      }
      await Promise.all(Array.from({ length: 160 }, one))
      return { tried }
    },
    async () => {
      const tries: boolean[] = []
      for (let n = 0; n < 10; n++) tries.push(await ok(signIn('victim', `${PASSWORD}!`, `203.0.113.${n}`, victim.deviceId)))
      return { knownDevice10of10: tries.every(Boolean) }
    },
  )
  await attack(
    'bodies that come byte by byte, through the proxy',
    async (isOver) => {
      const sockets: ReturnType<typeof connect>[] = []
      while (!isOver()) {
        for (let n = 0; n < 8; n++) {
          const socket = connect(server.port, '127.0.0.1')
          socket.on('error', () => undefined)
          socket.write(
            'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Forwarded-For: 192.0.2.200\r\nContent-Length: 5000\r\n\r\n{',
          )
          sockets.push(socket)
        }
        await sleep(100)
      }
      const held = sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length
      for (const socket of sockets) socket.destroy()
      return { opened: sockets.length, held }
    },
    async () => {
      const tries = await Promise.all(Array.from({ length: 20 }, (_, n) => ok(ask('GET', '/v1/server', { address: `198.51.100.${n}` }))))
      return { requests20of20: tries.every(Boolean) }
    },
  )
  const invites = await Promise.all(
    Array.from({ length: LIMITS.openInvitesMax + 30 }, () =>
      ask('POST', '/v1/invites', { token: attacker.token, address: '192.0.2.66' }, { validMs: 86_400_000, uses: 10 }),
    ),
  )
  const made = invites.filter(({ status }) => status === 200).length
  outcomes.push({
    attack: 'invites',
    acts: { withinBound: made * 10 <= LIMITS.inviteUsesPerDayMax && made <= LIMITS.openInvitesMax },
    figures: { made },
  })

  const all = outcomes.flatMap(({ acts }) => Object.values(acts))
  const ratios = outcomes.flatMap(({ figures }) => (typeof figures['ratio'] === 'number' ? [figures['ratio']] : []))
  const result = {
    acts: `${all.filter(Boolean).length} of ${all.length}`,
    calmP95Ms: round(calm),
    worstRatio: Math.max(...ratios),
    leastFreeMB: Math.round(leastFree / 1e6),
    reserveMB: Math.round(reserveBytes / 1e6),
    load: loadavg().map(round),
  }
  const reached = all.every(Boolean) && result.worstRatio <= GOAL_RATIO && leastFree >= reserveBytes
  for (const outcome of outcomes) process.stdout.write(`${JSON.stringify(outcome)}\n`)
  process.stdout.write(`${JSON.stringify({ ...result, ...(skips.length === 0 ? {} : { skips }), reached })}\n`)
  if (!reached) process.exitCode = 1
}
