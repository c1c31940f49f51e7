import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { FEATURES, type ConversationId, type DownFrameOf, type SignedIn } from '@bongsu/protocol'
import { fileKeys } from '../../apps/server/src/store/file-keys.ts'
import { createTokens } from '../../apps/server/src/accounts/tokens.ts'
import { bongsu } from '../e2e/operator.ts'
import { startServerProcess, type ServerProcess } from '../e2e/server-process.ts'
import { hashOf, normalise } from './stable-values.ts'
import { WireLog, type Line, type LoggedSocket } from './wire-log.ts'

/** Called when the transcripts are written, to end what they needed. */
type Cleaner = { after(run: () => void | Promise<void>): void }

const PASSWORD = 'a lantern on every hill'
const DAY_MS = 86_400_000

/** The people and the place of all transcripts. */
interface Scene {
  readonly server: ServerProcess
  readonly wire: () => WireLog
  readonly hana: SignedIn
  readonly duri: SignedIn
  readonly group: ConversationId
  readonly epoch: string
}

/** Cursors with which the next hello of a device continues. */
interface Cursors {
  readonly account: number
  readonly cursors: readonly (readonly [ConversationId, number])[]
  readonly changes: readonly (readonly [ConversationId, number])[]
  /** The lineage and the last tide that the server has sent. */
  readonly tide?: readonly [lineage: string, tide: string]
}

const FIRST: Cursors = { account: 0, cursors: [], changes: [] }

function hello(token: string, epoch: string | null, { account, cursors, changes, tide }: Cursors): object {
  return {
    t: 'hello',
    token,
    epoch,
    account,
    cursors,
    features: [...FEATURES],
    ...(changes.length === 0 ? {} : { changes }),
    ...(tide === undefined ? {} : { tide }),
  }
}

/** Two entries never have the same time of acceptance, so that times can be replaced one for one. */
async function later(): Promise<void> {
  await pause(5)
}

/** Two tokens of one device that are issued in the same second are the same. */
async function untilOtherToken(): Promise<void> {
  await pause(1_100)
}

/** Every transcript of the guide by name, as text. Everything comes from a real server; only values that differ each time are replaced. */
export async function writeTranscripts(t: Cleaner): Promise<ReadonlyMap<string, string>> {
  const made: [string, readonly Line[]][] = []
  const server = await startServerProcess(t, { env: { BONGSU_NAME: '달여울' } })
  const wire = (): WireLog => new WireLog(server.url)
  const keep = async (name: string, write: (log: WireLog) => Promise<void>): Promise<void> => {
    const log = wire()
    await write(log)
    // A beat comes once in a heartbeat, whatever else is said.
    made.push([name, name === 'beat' ? log.lines : log.lines.filter(({ said }) => !said.startsWith('{"t":"beat"'))])
  }

  const silent = saysNoHello(wire())
  let scene = await signUp(server, wire, keep)
  await untilOtherToken()
  await keep('sign-in', async (log) => {
    await log.http('POST', '/v1/sessions', {
      body: { handle: 'hana', password: PASSWORD, deviceName: 'Laptop', deviceId: scene.hana.deviceId },
    })
    await log.http('POST', '/v1/sessions', { body: { handle: 'hana', password: 'not the password', deviceName: 'Laptop' } })
  })
  await untilOtherToken()
  await keep('handshake', async (log) => {
    await log.handshake(['Sec-WebSocket-Protocol: bongsu.v1'])
    await log.handshake(['Sec-WebSocket-Protocol: bongsu.v1', 'Origin: https://elsewhere.example'])
    await log.handshake([])
  })
  await keep('first-hello', async (log) => {
    const socket = await log.connect()
    socket.say(hello(scene.hana.token, null, FIRST))
    const { epoch } = await socket.next('welcome')
    scene = { ...scene, epoch }
    await socket.next('caught-up')
    await socket.close()
  })
  await keep('token-renewal', (log) => renewToken(scene, log))
  const held = await talk(scene, keep)
  await keep('ends', (log) => endings(scene, silent, log))
  await keep('bad-frames', (log) => badFrames(scene, log))
  await keep('beat', (log) => beats(t, log))
  await keep('restored', (log) => restore(t, scene, held, log))
  return new Map(normalise(made))
}

async function signUp(
  server: ServerProcess,
  wire: () => WireLog,
  keep: (name: string, write: (log: WireLog) => Promise<void>) => Promise<void>,
): Promise<Scene> {
  const quiet = wire()
  const makeAccount = async (log: WireLog, code: string, handle: string, displayName: string): Promise<SignedIn> =>
    (await log.http('POST', '/v1/accounts', {
      body: { code, handle, displayName, password: PASSWORD, deviceName: 'Phone', deviceId: randomUUID() },
    })) as SignedIn
  const duri = await makeAccount(quiet, server.firstAdminCode, 'duri', '두리')
  const { code } = (await quiet.http('POST', '/v1/invites', { token: duri.token, body: { validMs: DAY_MS, uses: 1 } })) as { code: string }
  let hana: SignedIn | null = null
  await keep('sign-up', async (log) => {
    await log.http('GET', '/v1/server')
    await log.http('POST', '/v1/invites/check', { body: { code } })
    hana = await makeAccount(log, code, 'hana', '하나')
  })
  assert.ok(hana !== null)
  const person = hana as SignedIn
  await later()
  const { conversationId } = (await quiet.http('POST', '/v1/groups', {
    token: duri.token,
    body: { id: randomUUID(), title: '봉수대', accounts: [person.profile.accountId] },
  })) as { conversationId: ConversationId }
  return { server, wire, hana: person, duri, group: conversationId, epoch: '' }
}

async function renewToken({ server, hana, epoch }: Scene, log: WireLog): Promise<void> {
  const tokens = createTokens(await fileKeys(server.directory).load('token'), { now: Date.now })
  const old = await tokens.issue(hana.profile.accountId, hana.deviceId, Date.now() - 8 * DAY_MS)
  const socket = await log.connect()
  socket.say(hello(old, epoch, FIRST))
  const { token } = await socket.next('welcome')
  assert.ok(token !== undefined)
  log.lines.splice(2)
  log.tell('… and what is missing')
  await socket.next('caught-up')
  log.lines.splice(3)
  await socket.close()
}

/** A device that says hello many times in a row gets a turn. It waits, and only the hello that was welcomed is written down. */
async function open(log: WireLog, token: string, epoch: string, from: Cursors): Promise<LoggedSocket> {
  const before = log.lines.length
  for (;;) {
    const socket = await log.connect()
    socket.say(hello(token, epoch, from))
    const busy = await socket.answered()
    if (busy === null) {
      await socket.next('caught-up')
      return socket
    }
    await socket.closed()
    log.lines.length = before
    await pause(busy + 20)
  }
}

/** A device that is connected and has caught up, without what was said until then. */
async function connected({ hana, epoch }: Scene, log: WireLog): Promise<LoggedSocket> {
  const socket = await open(log, hana.token, epoch, FIRST)
  log.lines.length = 0
  return socket
}

interface Held {
  /** What the device holds before the restore, and its newest text. */
  readonly cursors: Cursors
}

/** What two people say to each other. */
async function talk(scene: Scene, keep: (name: string, write: (log: WireLog) => Promise<void>) => Promise<void>): Promise<Held> {
  const { group, wire, hana, duri, epoch } = scene
  const ids = Array.from({ length: 3 }, () => randomUUID())
  const [first, second] = ids
  await keep('send', async (log) => {
    const socket = await connected(scene, log)
    const send = { t: 'send', id: first, conversationId: group, body: { kind: 'text', text: '불이 올랐어요' } }
    await later()
    socket.say(send)
    await socket.next('accepted')
    await socket.next('entries')
    log.tell('the same request again, a second or ten years later')
    socket.say(send)
    await socket.next('accepted')
    await socket.close()
  })
  await keep('send-refused', async (log) => {
    const socket = await connected(scene, log)
    socket.say({ t: 'send', id: first, conversationId: group, body: { kind: 'text', text: '다른 말' } })
    await socket.next('refused')
    socket.say({ t: 'send', id: second, conversationId: group, body: { kind: 'text', text: '  ' } })
    await socket.next('refused')
    socket.say({ t: 'send', id: second, conversationId: randomUUID(), body: { kind: 'text', text: '여보세요' } })
    await socket.next('refused')
    await socket.close()
  })
  let away = FIRST
  await keepQuiet(wire(), async (log) => {
    const socket = await open(log, hana.token, epoch, FIRST)
    const caughtUp = socket.frames.find((frame): frame is DownFrameOf<'caught-up'> => frame.t === 'caught-up')
    const head = socket.frames.find((frame): frame is DownFrameOf<'reset'> => frame.t === 'reset')?.head ?? 0
    away = { account: caughtUp?.account ?? 0, cursors: [[group, head]], changes: [], tide: socket.heard() }
    await socket.close()
    const other = await open(log, duri.token, epoch, FIRST)
    for (const text of ['어디요?', '남산이에요']) {
      await later()
      other.say({ t: 'send', id: randomUUID(), conversationId: group, body: { kind: 'text', text } })
      await other.next('accepted')
    }
    await other.close()
  })
  await keep('resume', async (log) => {
    log.tell('two messages were written while the device was away')
    const socket = await open(log, hana.token, epoch, away)
    await socket.close()
  })
  await keep('refresh', async (log) => {
    const socket = await connected(scene, log)
    socket.say({ t: 'refresh', conversationId: group })
    await socket.next('reset')
    await socket.close()
  })
  await keep('marks', async (log) => {
    const socket = await connected(scene, log)
    await later()
    socket.say({ t: 'set', id: second, conversationId: group, seq: 2, subject: first, act: { kind: 'reaction', value: { emoji: '🔥' } } })
    await socket.next('set-accepted')
    await socket.next('items')
    socket.say({ t: 'set', id: ids[2], conversationId: group, seq: 2, subject: second, act: { kind: 'reaction', value: { emoji: '🔥' } } })
    await socket.next('refused')
    await later()
    socket.say({
      t: 'set',
      id: randomUUID(),
      conversationId: group,
      seq: 2,
      subject: first,
      act: { kind: 'edit', value: { text: '불이 두 개 올랐어요' } },
    })
    await socket.next('set-accepted')
    await socket.next('items')
    await socket.close()
  })
  await keep('read', async (log) => {
    const socket = await connected(scene, log)
    socket.say({ t: 'read', conversationId: group, seq: 4 })
    await socket.next('account')
    socket.say({ t: 'watch', conversationId: group, from: 1, to: null })
    await socket.next('unread')
    await socket.close()
  })
  await keep('history', async (log) => {
    await log.http('GET', `/v1/conversations/${group}/entries?before=4&limit=2&marks=true`, { token: hana.token })
  })
  await keep('audit', (log) => audit(scene, log))
  return { cursors: await leave(scene, keep) }
}

async function keepQuiet(log: WireLog, run: (log: WireLog) => Promise<void>): Promise<void> {
  await run(log)
}

async function audit(scene: Scene, log: WireLog): Promise<void> {
  const socket = await connected(scene, log)
  const { entries } = socket.frames.find((frame): frame is DownFrameOf<'reset'> => frame.t === 'reset') as DownFrameOf<'reset'>
  const named = entries.map(({ seq, id }) => `${seq}=${id}`).join(',')
  socket.say({ t: 'audit', conversationId: scene.group, from: 1, to: entries.length })
  const { hash } = await socket.next('audit')
  assert.equal(hash, hashOf(named))
  // The ids are replaced in what is shown, so the shown hash is computed from the shown ids: a reader can check it.
  const last = log.lines.pop() as Line
  log.lines.push({ ...last, said: last.said.replace(hash, `HASH(${named})`) })
  log.tell(`the entries, as seq and id: ${entries.map(({ seq, id }) => `${seq} ${id}`).join(', ')}`)
  await socket.close()
}

/** Leaving another group. @returns the cursors of the device afterwards. */
async function leave(scene: Scene, keep: (name: string, write: (log: WireLog) => Promise<void>) => Promise<void>): Promise<Cursors> {
  const { hana, duri, wire, group, epoch } = scene
  await later()
  const { conversationId } = (await wire().http('POST', '/v1/groups', {
    token: duri.token,
    body: { id: randomUUID(), title: '장보기', accounts: [hana.profile.accountId] },
  })) as { conversationId: ConversationId }
  await keep('leave', async (log) => {
    const socket = await connected(scene, log)
    await later()
    socket.say({ t: 'send', id: randomUUID(), conversationId, body: { kind: 'left' } })
    await socket.next('accepted')
    await socket.next('account')
    await socket.close()
  })
  const log = wire()
  const socket = await open(log, hana.token, epoch, FIRST)
  const { account } = socket.frames.find((frame): frame is DownFrameOf<'caught-up'> => frame.t === 'caught-up') as DownFrameOf<'caught-up'>
  const { head, change = 0 } = socket.frames.find((frame): frame is DownFrameOf<'reset'> => frame.t === 'reset') as DownFrameOf<'reset'>
  await socket.close()
  return { account, cursors: [[group, head]], changes: [[group, change]], tide: socket.heard() }
}

async function endings(scene: Scene, silent: Promise<readonly Line[]>, log: WireLog): Promise<void> {
  const { server, hana, epoch } = scene
  const socket = await connected(scene, log)
  log.tell('the same device connects a second time')
  const quiet = new WireLog(server.url)
  const newer = await open(quiet, hana.token, epoch, FIRST)
  await socket.closed()
  await newer.close()
  log.tell('a token that is not valid')
  const stranger = await log.connect()
  stranger.say(hello('not.a.token', epoch, FIRST))
  await stranger.closed()
  log.lines.push(...(await silent))
}

/** Takes the ten seconds that a connection has for its hello. */
async function saysNoHello(log: WireLog): Promise<readonly Line[]> {
  log.tell('the first frame is another one than hello, and none follows within ten seconds')
  const socket = await log.connect()
  socket.say({ t: 'ping', n: 1 })
  await socket.closed(20_000)
  return log.lines
}

async function badFrames(scene: Scene, log: WireLog): Promise<void> {
  const socket = await connected(scene, log)
  for (const frame of ['not JSON', { t: 'dance' }, { t: 'ping', n: 'one' }, { t: 'ping', n: 1, loud: true }]) {
    socket.say(frame)
    await socket.next('refused')
  }
  socket.say({ t: 'ping', n: 1 })
  await socket.next('pong')
  await socket.close()
}

/** A server with short heartbeats, of its own. */
async function beats(t: Cleaner, log: WireLog): Promise<void> {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '400' } })
  const quiet = new WireLog(server.url)
  const person = (await quiet.http('POST', '/v1/accounts', {
    body: { code: server.firstAdminCode, handle: 'seri', displayName: '세리', password: PASSWORD, deviceName: 'Phone' },
  })) as SignedIn
  await quiet.http('PUT', `/v1/direct/${person.profile.accountId}`, { token: person.token })
  const loud = new WireLog(server.url)
  const socket = await loud.connect()
  socket.say(hello(person.token, null, FIRST))
  await socket.next('caught-up')
  loud.lines.length = 0
  await socket.next('beat')
  const lines = loud.lines.slice(0, 1)
  loud.lines.length = 0
  socket.say({ t: 'ask-heads' })
  await socket.next('heads')
  await socket.close()
  log.lines.push(...lines, ...loud.lines.filter(({ said }) => !said.includes('"beat"')))
}

/** Backup, one more message, restore. The device puts its message back. */
async function restore(t: Cleaner, { server, hana, group, epoch }: Scene, { cursors }: Held, log: WireLog): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-guide-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const backup = join(folder, 'backup.db')
  const saved = await bongsu(['backup', '--to', backup, '--data', server.directory])
  assert.equal(saved.code, 0, saved.note)
  const id = randomUUID()
  const send = { t: 'send', id, conversationId: group, body: { kind: 'text', text: '백업 뒤에 한 말' } }
  const before = await open(new WireLog(server.url), hana.token, epoch, cursors)
  await later()
  before.say(send)
  const { seq } = await before.next('accepted')
  await before.close()
  await server.kill()
  const restored = await bongsu(['restore', backup, '--replace', '--data', server.directory])
  assert.equal(restored.code, 0, restored.note)
  await server.start()

  log.tell(`the device holds its own message at seq ${seq}, which the backup does not have`)
  const socket = await log.connect()
  socket.say(hello(hana.token, epoch, { ...cursors, cursors: [[group, seq]] }))
  await socket.next('caught-up')
  log.tell('the message goes first, under the id that it had')
  await later()
  socket.say(send)
  await socket.next('accepted')
  await socket.next('entries')
  await socket.close()
}
