import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import {
  DEVICE_FEATURES,
  SUBPROTOCOL,
  type AccountId,
  type ConversationId,
  type DownFrame,
  type RefusalCode,
  type RouteName,
  type SendBody,
  type SignedIn,
  type UpFrame,
} from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { waitFor } from '../e2e/wait-for.ts'
import { PASSWORD, startTestServer, type Answered, type Asking, type LiveSocket, type Person, type TestServer } from '../worlds/running-server.ts'
import { until } from '../worlds/settle.ts'
import { CALLERS, isIn, type CallerName, type Traits } from './callers.ts'

/** What a caller got: `ok`, the code of the refusal, or `nothing` where an answer leaves out what the caller may not see. */
export type Outcome = 'ok' | 'nothing' | RefusalCode

const KEY = 'a-key-for-the-sentinel-of-this-test-alone'
const names = Object.keys(CALLERS) as CallerName[]

/** A conversation of a row. */
export interface Place {
  readonly conversationId: ConversationId
  /** Something that the host said. */
  readonly subject: string
  readonly seq: number
}

/** One try of one operation by one caller. */
export interface Cell {
  readonly name: CallerName
  readonly who: Traits
  /** What the caller shows; empty for nothing. */
  readonly token: string
  readonly host: Person
  /** People without a device in the test. `dummy` has nothing to do with anybody; `shy` is likewise, and blocks the blocked caller. */
  readonly dummy: Person
  readonly shy: Person
  /** Somebody for this caller alone, in the group or not as the row says. */
  readonly other: AccountId
  readonly group: Place
  readonly direct: Place
  ask(route: RouteName, asking?: Asking): Promise<Outcome>
  answer(route: RouteName, asking?: Asking): Promise<Answered>
  asHost(route: RouteName, asking?: Asking): Promise<Answered>
  /** A second device of this caller. */
  second(): Promise<SignedIn | null>
  say(frame: UpFrame): Promise<Outcome>
  send(place: Place, body: SendBody): Promise<Outcome>
  /** Frames of this type that the caller gets in answer to a frame. */
  hears<T extends DownFrame['t']>(frame: UpFrame, type: T): Promise<Extract<DownFrame, { t: T }> | RefusalCode>
}

/** A text that only some callers may ever see, from whatever answer or frame. */
interface Secret {
  readonly text: string
  readonly may: (who: Traits) => boolean
}

export interface Square {
  readonly secrets: readonly Secret[]
  /** Everything that a caller was sent. */
  readonly heard: ReadonlyMap<CallerName, readonly string[]>
  group(row: string, others: 'in' | 'out'): Promise<Place>
  cell(name: CallerName, group: Place): Cell
}

/** A real server, with an account for each kind of caller that has one. */
export async function openSquare(t: TestContext, env: Readonly<Record<string, string>>): Promise<Square> {
  const server = await startTestServer(t, {
    ...env,
    BONGSU_SENTINEL_KEY: KEY,
    BONGSU_FRAMES_PER_SECOND: '10000',
    BONGSU_FRAMES_BURST: '10000',
    BONGSU_SIGN_IN_FAILURES_PER_ADDRESS: '1000',
    BONGSU_SIGN_IN_FAILURES_PER_HANDLE: '1000',
  })
  const heard = new Map<CallerName, string[]>(names.map((name) => [name, []]))
  const secrets: Secret[] = []
  const persons = await join(server)
  const person = (name: string): Person => persons.get(name)!
  const [host, dummy, shy] = [person('host'), person('dummy'), person('shy')]
  const withDevice = names.filter((name) => CALLERS[name].shows === 'device')
  const sockets = new Map<CallerName, LiveSocket>()
  for (const name of withDevice) {
    const live = await server.connect(person(name).token, DEVICE_FEATURES)
    assert.ok(
      live.frames.some((frame) => frame.t === 'welcome'),
      name,
    )
    live.socket.on('message', (data: Buffer) => heard.get(name)!.push(data.toString()))
    heard.get(name)!.push(...live.frames.map((frame) => JSON.stringify(frame)))
    sockets.set(name, live)
  }
  const spare = await server.signIn(person('suspended'))
  await prepare()
  const directs = new Map<CallerName, Place>()
  for (const name of ['peer-left', 'peer'] as const) directs.set(name, await openDirect(name))

  async function prepare(): Promise<void> {
    const done = async (by: Person, route: RouteName, asking: Asking): Promise<void> => {
      const ask = () => server.ask(route, { ...asking, token: by.token })
      // A machine that is busy with other things says so, and is asked again.
      const answered = await waitFor(`an answer of ${route}`, () => ask().then((one) => one.status !== 503 && one), { withinMs: 60_000 })
      assert.equal(answered.status, 200, `${route}: ${answered.text}`)
    }
    await done(person('friend'), 'lookUpHandle', { body: { handle: 'host' } })
    await done(person('friend'), 'addFriend', { params: { accountId: host.accountId } })
    const reason = { reason: '시험' }
    const admin = person('admin')
    await done(admin, 'setRole', { params: { accountId: person('moderator').accountId }, body: { role: 'moderator', was: 'member', ...reason } })
    const suspension = { suspensionId: randomUUID(), forMs: null, appeal: '', ...reason }
    await done(admin, 'suspend', { params: { accountId: person('suspended').accountId }, body: suspension })
    // The host sees the names of those whom they share a conversation with, and somebody shy of those whom they look for.
    for (const [by, name] of [
      [host, 'blocked'],
      [shy, 'blocked'],
    ] as const) {
      await done(by, 'lookUpHandle', { body: { handle: name } })
      await done(by, 'addFriend', { params: { accountId: person(name).accountId } })
      await done(by, 'block', { params: { accountId: person(name).accountId } })
    }
  }

  async function sendAs(live: LiveSocket, conversationId: ConversationId, body: SendBody): Promise<DownFrame> {
    const id = randomUUID() as never
    const answer = await reply(live, { t: 'send', id, conversationId, body }, (frame) => 'id' in frame && frame.id === id)
    return answer
  }

  async function hostSays(conversationId: ConversationId, body: SendBody): Promise<Place> {
    const accepted = await sendAs(sockets.get('host')!, conversationId, body)
    assert.ok(accepted.t === 'accepted', JSON.stringify(accepted))
    return { conversationId, subject: accepted.id, seq: accepted.seq }
  }

  async function knows(name: CallerName, what: string, conversationId: ConversationId, found: (frame: DownFrame) => boolean): Promise<void> {
    await until(`${name} to ${what} ${conversationId}`, () => sockets.get(name)!.frames.some(found))
  }

  async function openDirect(name: 'peer' | 'peer-left'): Promise<Place> {
    const text = `둘만의 비밀 ${randomUUID()}`
    const made = await server.ask('openDirect', { token: person(name).token, params: { accountId: host.accountId } })
    const { conversationId } = made.body as { conversationId: ConversationId }
    const isHere = (frame: DownFrame): boolean => frame.t === 'reset' && frame.conversationId === conversationId
    for (const each of [name, 'host'] as const) await knows(each, 'learn of', conversationId, isHere)
    const place = await hostSays(conversationId, { kind: 'text', text })
    secrets.push({ text, may: (who) => who === CALLERS[name] || who === CALLERS.host })
    if (name === 'peer-left') {
      const left = await server.ask('leaveDirect', { token: person(name).token, params: { accountId: host.accountId }, query: `?seq=${place.seq}` })
      assert.equal(left.status, 200)
      await until('the leaving to arrive', () => {
        const items = sockets.get(name)!.frames.flatMap((frame) => (frame.t === 'account' ? frame.items : []))
        return items.some((item) => item.kind === 'membership' && item.value !== null && item.value.joinedSeq > place.seq)
      })
    }
    return place
  }

  let asked: ConversationId | null = null

  /** Who is asked by the host, for each group anew, and has let in nobody. */
  async function askAnew(): Promise<void> {
    const { token } = person('pending')
    await server.ask('setReach', { token, body: { from: 'friends' } })
    await server.ask('removeFriend', { token, params: { accountId: host.accountId } })
    if (asked !== null) await server.ask('declineRequest', { token, params: { conversationId: asked } })
  }

  const otherOf = (name: CallerName): AccountId => person(`x-${names.indexOf(name)}`).accountId

  return {
    secrets,
    heard,

    async group(row, others) {
      await askAnew()
      const before = `비밀 ${row} ${randomUUID()}`
      const after = `나중 ${row} ${randomUUID()}`
      const members = names.filter((name) => CALLERS[name].group !== 'never' && CALLERS[name].group !== 'newcomer' && name !== 'host')
      const accounts = [...members.map((name) => person(name).accountId), ...(others === 'in' ? names.map(otherOf) : [])]
      const made = await server.ask('createGroup', { token: host.token, body: { id: randomUUID(), title: `방 ${randomUUID()}`, accounts } })
      assert.equal(made.status, 200, made.text)
      const { conversationId } = made.body as { conversationId: ConversationId }
      asked = conversationId
      const isHere = (frame: DownFrame): boolean => frame.t === 'reset' && frame.conversationId === conversationId
      const place = await knows('host', 'learn of', conversationId, isHere).then(() => hostSays(conversationId, { kind: 'text', text: before }))
      secrets.push({ text: before, may: ({ group }) => group !== 'never' && group !== 'pending' && group !== 'newcomer' })
      const about = (name: CallerName): AccountId => person(name).accountId
      await hostSays(conversationId, { kind: 'role', accountId: about('deputy'), role: 'deputy' })
      await hostSays(conversationId, { kind: 'removed', accountId: about('removed'), barred: false })
      await hostSays(conversationId, { kind: 'removed', accountId: about('barred'), barred: true })
      assert.equal((await sendAs(sockets.get('left')!, conversationId, { kind: 'left' })).t, 'accepted')
      await hostSays(conversationId, { kind: 'invited', accounts: [about('newcomer')] })
      for (const name of withDevice) {
        if (isIn(CALLERS[name])) await knows(name, 'learn of', conversationId, isHere)
        else if (CALLERS[name].group !== 'never')
          await knows(name, 'learn of not being in', conversationId, (frame) => {
            const isAsked = CALLERS[name].group === 'pending'
            const items = frame.t === 'account' ? frame.items : []
            return items.some(
              ({ kind, key, value }) => key === conversationId && (isAsked ? kind === 'request' : kind === 'membership' && value === null),
            )
          })
      }
      await hostSays(conversationId, { kind: 'text', text: after })
      secrets.push({ text: after, may: (who) => isIn(who) })
      return place
    },

    cell(name, group) {
      const who: Traits = CALLERS[name]
      const token = tokenOf(name)

      async function answer(route: RouteName, asking: Asking = {}): Promise<Answered> {
        const answered = await server.ask(route, { ...asking, ...(token === null ? {} : { token }) })
        heard.get(name)!.push(answered.text)
        return answered
      }

      async function hears<T extends DownFrame['t']>(frame: UpFrame, type: T): Promise<Extract<DownFrame, { t: T }> | RefusalCode> {
        const live = sockets.get(name)
        if (live === undefined) return atDoor(frame)
        const got = await reply(live, frame, (each) => each.t === type || (each.t === 'refused' && each.re === frame.t))
        return got.t === 'refused' ? got.code : (got as Extract<DownFrame, { t: T }>)
      }

      /** Without the token of a signed-in device: hello with what there is, where there is something, and the frame at once after it. */
      async function atDoor(frame: UpFrame): Promise<RefusalCode> {
        const socket = new WebSocket(server.base.replace('http', 'ws') + '/v1/socket', SUBPROTOCOL)
        server.closers.push(() => socket.terminate())
        const frames: DownFrame[] = []
        socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as DownFrame))
        await new Promise((resolve) => socket.once('open', resolve))
        if (token !== null && frame.t !== 'hello')
          socket.send(JSON.stringify({ t: 'hello', token, epoch: null, account: 0, cursors: [], features: [...DEVICE_FEATURES] }))
        socket.send(JSON.stringify(frame))
        // Its hello is what counts; the frame that came after it is refused too, if it is answered at all.
        const re = token === null ? frame.t : 'hello'
        await until(`${name} to be refused`, () => frames.some((each) => each.t === 'refused' && each.re === re))
        socket.terminate()
        assert.deepEqual([...new Set(frames.map(({ t: type }) => type))], ['refused'], name)
        return (frames.find((each) => each.t === 'refused' && each.re === re) as DownFrame & { t: 'refused' }).code
      }

      const cell: Cell = {
        name,
        who,
        token: token ?? '',
        host,
        dummy,
        shy,
        other: otherOf(name),
        group,
        direct: directs.get(name) ?? directs.get('peer')!,
        answer,
        hears,
        asHost: (route, asking = {}) => server.ask(route, { ...asking, token: host.token }),
        ask: async (route, asking) => outcomeOf(await answer(route, asking)),
        second: async () => (who.shows === 'device' ? server.signIn(person(name)) : name === 'suspended' ? spare : null),
        async say(frame) {
          const live = sockets.get(name)
          if (live === undefined) return atDoor(frame)
          if (frame.t === 'send' || frame.t === 'set') {
            const got = await reply(live, frame, (each) => 'id' in each && each.id === frame.id)
            return got.t === 'refused' ? got.code : 'ok'
          }
          // A frame without an answer: whatever is refused is refused before the next frame is answered.
          const from = live.frames.length
          live.say(frame)
          const n = ++pings
          await reply(live, { t: 'ping', n }, (each) => each.t === 'pong' && each.n === n)
          const refused = live.frames.slice(from).find((each) => each.t === 'refused' && each.re === frame.t)
          return refused?.t === 'refused' ? refused.code : 'ok'
        },
        send: (place, body) => cell.say({ t: 'send', id: randomUUID() as never, conversationId: place.conversationId, body }),
      }
      return cell
    },
  }

  function tokenOf(name: CallerName): string | null {
    switch (CALLERS[name].shows) {
      case 'nothing':
        return null
      case 'forged token':
        return `${host.token.slice(0, -4)}AAAA`
      case 'key of the sentinel':
        return KEY
      default:
        return person(name).token
    }
  }
}

let pings = 0

export function outcomeOf(answered: Answered): Outcome {
  return answered.status === 200 ? 'ok' : (answered.body as { code: RefusalCode }).code
}

async function reply(live: LiveSocket, frame: UpFrame, isReply: (frame: DownFrame) => boolean): Promise<DownFrame> {
  const from = live.frames.length
  live.say(frame)
  let found: DownFrame | undefined
  await until(`an answer to ${JSON.stringify(frame)}`, () => (found = live.frames.slice(from).find(isReply)) !== undefined)
  return found!
}

/** Signs everybody up: each caller with an account, somebody for each, and two who have nothing to do with anybody. */
async function join(server: TestServer): Promise<ReadonlyMap<string, Person>> {
  const persons = new Map<string, Person>()
  persons.set('admin', await server.person('matrix.admin'))
  // Whoever invites is a friend of all who come by it, so it is none of the callers.
  const usher = await server.person('usher')
  const invite = await server.ask('createInvite', { token: usher.token, body: { validMs: 600_000, uses: 200 } })
  const canary = await server.ask('inviteCanaries', { headers: { authorization: `Bearer ${KEY}` }, body: { count: 1 } })
  const handles = [
    ...names.filter((name) => name !== 'admin' && CALLERS[name].shows !== 'nothing'),
    ...names.map((_, at) => `x-${at}`),
    'dummy',
    'shy',
  ]
  await Promise.all(
    handles.map(async (name) => {
      const code = name === 'canary' ? (canary.body as { codes: string[] }).codes[0] : (invite.body as { code: string }).code
      // Names of staff are not given to anybody who joins.
      const handle = name === 'moderator' ? 'peacemaker' : name.replaceAll('-', '_')
      const made = await server.ask('signUp', { body: { code, handle, displayName: `사람 ${handle}`, password: PASSWORD, deviceName: '시험' } })
      assert.equal(made.status, 200, `${name}: ${made.text}`)
      const signedIn = made.body as SignedIn
      persons.set(name, { ...signedIn, accountId: signedIn.profile.accountId, password: PASSWORD })
    }),
  )
  const out = await server.ask('signOut', { token: persons.get('revoked-device')!.token })
  assert.equal(out.status, 200)
  return persons
}
