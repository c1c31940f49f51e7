import { EMPTY_STATE, type Api, type Connection, type DeviceHandle, type Pending, type Room, type View } from '@bongsu/client'
import type { AccountId, ClientMessageId, ConversationId, EntryBody } from '@bongsu/protocol'
import type { App } from '../src/app-context.ts'
import { actIn } from './fake-marks.ts'
import { deviceId, makeEntries, makeTown, me, people } from './fake-town.ts'

/** A fake device. `window.fake` controls it. */
export function createFakeApp(empty: boolean): App {
  const listeners = new Set<() => void>()
  let view: View = {
    loaded: true,
    connection: { state: 'live' },
    replica: empty ? { ...EMPTY_STATE, accountId: me.accountId, profile: me } : makeTown(Date.now()),
    outbox: [],
    acts: [],
    typing: new Map(),
    storageFailed: false,
    auditFault: null,
    restored: null,
  }
  let order = 0
  let olderFails = false

  function become(change: Partial<View>): void {
    view = { ...view, ...change }
    queueMicrotask(() => {
      for (const listener of listeners) listener()
    })
  }

  function append(conversationId: ConversationId, author: AccountId, body: EntryBody, id: string = crypto.randomUUID()): void {
    const room = view.replica.rooms.get(conversationId)
    if (room === undefined) return
    const seq = room.cursor + 1
    const entry = { seq, acceptedAt: Date.now(), author, id: id as ClientMessageId, body }
    const rooms = new Map(view.replica.rooms).set(conversationId, {
      ...room,
      cursor: seq,
      entries: [...room.entries, entry],
      readSeq: author === me.accountId ? seq : room.readSeq,
    })
    become({ replica: { ...view.replica, rooms }, outbox: view.outbox.filter((item) => item.id !== id) })
  }

  function changeRoom(conversationId: ConversationId, change: (room: Room) => Room): void {
    const room = view.replica.rooms.get(conversationId)
    if (room !== undefined) become({ replica: { ...view.replica, rooms: new Map(view.replica.rooms).set(conversationId, change(room)) } })
  }

  const device: DeviceHandle = {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    wipe: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    send(conversationId, body) {
      const id = crypto.randomUUID() as ClientMessageId
      const text = body.kind === 'text' ? body.text : ''
      const refused = text.includes('!거절') ? 'not-a-member' : null
      const item = {
        id,
        conversationId,
        body,
        writtenAt: Date.now(),
        order: ++order,
        refused,
        progress: refused === null ? 'sending' : 'refused',
        seq: null,
        tries: 0,
        stored: true,
        until: 0,
      } as Pending
      become({ outbox: [...view.outbox, item] })
      if (refused === null && view.connection.state === 'live') setTimeout(() => append(conversationId, me.accountId, body, id), 250)
      return Promise.resolve(id)
    },
    retry: () => Promise.resolve(),
    discard(id) {
      become({ outbox: view.outbox.filter((item) => item.id !== id) })
      return Promise.resolve()
    },
    settled: () => new Promise(() => undefined),
    act(conversationId, { seq }, act) {
      if (act.kind === 'hidden') {
        const hidden = new Map(view.replica.hidden).set(conversationId, new Set(view.replica.hidden.get(conversationId)).add(seq))
        become({ replica: { ...view.replica, hidden } })
      } else changeRoom(conversationId, (room) => actIn(room, seq, me.accountId, act))
      return Promise.resolve(crypto.randomUUID() as ClientMessageId)
    },
    async loadEntry(conversationId, seq) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const [entry = null] = makeEntries(1, Date.now() - 9e7, [people[3]?.accountId ?? me.accountId], seq)
      changeRoom(conversationId, (room) => ({ ...room, apart: new Map(room.apart).set(seq, entry) }))
      return entry
    },
    markRead(conversationId, seq) {
      const room = view.replica.rooms.get(conversationId)
      if (room === undefined || room.readSeq >= seq) return
      become({ replica: { ...view.replica, rooms: new Map(view.replica.rooms).set(conversationId, { ...room, readSeq: seq, unreadBelow: 0 }) } })
    },
    typing: () => undefined,
    audit: () => Promise.resolve('equal'),
    watch: () => undefined,
    async loadOlder(conversationId, count) {
      await new Promise((resolve) => setTimeout(resolve, 400))
      const room = view.replica.rooms.get(conversationId)
      if (olderFails) throw new Error('not to be had')
      const first = room?.entries[0]
      if (room === undefined || first === undefined || first.seq <= 1) return { more: false }
      const wanted = Math.min(count, first.seq - 1)
      const older = makeEntries(
        wanted,
        first.acceptedAt - 60_000,
        people.slice(0, 5).map((person) => person.accountId),
        first.seq - wanted,
      )
      become({
        replica: { ...view.replica, rooms: new Map(view.replica.rooms).set(conversationId, { ...room, entries: [...older, ...room.entries] }) },
      })
      return { more: first.seq - wanted > 1 }
    },
    closeRoom: () => undefined,
    learnPeople: () => undefined,
    putPeople: () => undefined,
    wake: () => become({ connection: { state: 'live' } }),
    networkLost: () => undefined,
    inFront: () => undefined,
  }

  Object.assign(window, {
    fake: {
      connection: (connection: Connection) => become({ connection }),
      say: (room: string, text: string, who = 0) => append(room as ConversationId, (people[who] ?? me).accountId, { kind: 'text', text }),
      typing: (room: string, count: number) =>
        become({ typing: new Map([[room as ConversationId, people.slice(0, count).map((person) => person.accountId)]]) }),
      olderFails: (fails: boolean) => {
        olderFails = fails
      },
      /** Many entries in memory at once, to test the list. */
      grow: (conversationId: string, count: number) => {
        const room = view.replica.rooms.get(conversationId as ConversationId)
        const first = room?.entries[0]
        if (room === undefined || first === undefined) return
        const shifted = room.entries.map((entry) => ({ ...entry, seq: entry.seq + count }))
        const older = makeEntries(
          count,
          first.acceptedAt - 60_000,
          people.slice(0, 5).map((person) => person.accountId),
          first.seq,
        )
        const grown = { ...room, cursor: room.cursor + count, entries: [...older, ...shifted] }
        become({ replica: { ...view.replica, rooms: new Map(view.replica.rooms).set(room.conversationId, grown) } })
      },
      block: (...who: number[]) => {
        const blocked = new Map(who.flatMap((n) => (people[n] === undefined ? [] : [[people[n].accountId, people[n]] as const])))
        become({ replica: { ...view.replica, blocked } })
      },
      features: (names: string[]) => become({ replica: { ...view.replica, features: names } }),
      /** Reactions of many people to the newest entries. */
      react: (conversationId: string, entries: number, each: number) =>
        changeRoom(conversationId as ConversationId, (room) => {
          let changed = room
          for (const entry of room.entries.slice(-entries)) {
            for (let n = 0; n < each; n++) {
              const who = (people[n]?.accountId ?? `someone-${n}`) as AccountId
              changed = actIn(changed, entry.seq, who, { kind: 'reaction', value: { emoji: ['👍', '❤️', '😆', '🎉', '😢'][n % 5] ?? '👍' } })
            }
          }
          return changed
        }),
      view: () => view,
    },
  })
  return {
    device,
    api: fakeApi,
    deviceId,
    accountId: me.accountId,
    signOut: () => Promise.resolve(),
    signInAgain: () => Promise.resolve(),
    changePassword: () => Promise.resolve({ ok: true, value: {} }),
  }
}

const answers: Record<string, (request: { query?: { after?: string }; body?: { handle?: string } }) => unknown> = {
  server: () => ({ name: '봉수', registration: 'invite', protocolVersion: 1 }),
  checkInvite: () => ({ role: 'member', expiresAt: Date.now() + 86_400_000, from: people[0] }),
  listInvites: () => ({
    invites: [{ inviteId: '1', role: 'member', createdAt: 0, expiresAt: Date.now() + 3 * 86_400_000, usesLeft: 4, createdBy: people[0] }],
  }),
  createInvite: () => ({ code: 'kX8p2mQ7vT1nR4sB6wY9zA3cD5eF0gHjLuKiOoPqWxE', inviteId: '2' }),
  listMembers: ({ query }) => ({ people: query?.after === undefined ? [me, ...people] : [], more: false }),
  lookUpHandle: () => people[3],
}

export const fakeApi: Api = {
  async call(name: string, request?: object) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const answer = answers[name]
    if (name === 'signIn') return { ok: false, refusal: { code: 'sign-in-failed' } } as never
    if (name === 'signUp') return { ok: false, refusal: { code: 'handle-taken' } } as never
    return { ok: true, value: answer === undefined ? {} : answer(request ?? {}) } as never
  },
}
