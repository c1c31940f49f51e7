import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FEATURES, type AccountId, type Act, type ConversationId, type DownFrame, type Entry, type UpFrame } from '@bongsu/protocol'
import { createRandom } from '../fakes/clock.ts'
import { FakeServer } from '../fakes/server.ts'
import { itemsBySeq, marked, withItems, type MarkedEntry } from './marked-entry.ts'
import { knowPeople } from './people.ts'
import type { Effect } from './effect.ts'
import { apply, totalOf, type ReplicaFrame } from './replica.ts'
import { rangeAt } from './ranges.ts'
import { EMPTY_STATE, withRoom, type ReplicaState, type Room } from './state.ts'
import { cutToTail, prepend } from './room.ts'
import { unreadCount } from './select.ts'

/** A device without time and disk: frames go directly into `apply`, and effects are performed at once. */
class Reader {
  state: ReplicaState = EMPTY_STATE
  readonly stored = new Map<ConversationId, Map<number, MarkedEntry>>()
  readonly server: FakeServer
  readonly me: AccountId
  link: ReturnType<FakeServer['open']> | null = null
  asked: ConversationId[] = []
  resumes = 0
  inbox: DownFrame[] = []

  constructor(server: FakeServer, me: AccountId) {
    this.server = server
    this.me = me
  }

  connect(): void {
    this.disconnect()
    const cursors = [...this.state.rooms.values()].map((room): [ConversationId, number] => [room.conversationId, room.cursor])
    const changes = [...this.state.rooms.values()].map((room): [ConversationId, number] => [room.conversationId, room.change])
    const { epoch, account } = this.state
    const hello: Extract<UpFrame, { t: 'hello' }> = { t: 'hello', token: '', epoch, account, cursors, features: [...FEATURES], changes }
    this.link = this.server.open(hello, this.me, (frame) => this.inbox.push(frame))
  }

  disconnect(): void {
    if (this.link !== null) this.server.close(this.link)
    this.link = null
    this.inbox = []
  }

  /** Applies the received frames. */
  read(): void {
    for (let frame = this.inbox.shift(); frame !== undefined; frame = this.inbox.shift()) this.apply(frame)
  }

  apply(frame: DownFrame): void {
    if (frame.t === 'caught-up' || frame.t === 'beat') {
      const right = frame.account === this.state.account && frame.total === totalOf(this.state)
      if (!right && this.link !== null) this.server.receive(this.link, { t: 'ask-heads' })
      return
    }
    if (!['welcome', 'account', 'entries', 'items', 'reset', 'unread', 'heads'].includes(frame.t)) return
    const { state, effects } = apply(this.state, frame as ReplicaFrame)
    this.state = state
    for (const effect of effects) this.perform(effect)
    checkInvariants(this.state, this.stored)
  }

  perform(effect: Effect): void {
    if (effect.do === 'drop') this.stored.delete(effect.conversationId)
    else if (effect.do === 'store') {
      const entries = this.stored.get(effect.conversationId) ?? new Map<number, MarkedEntry>()
      for (const entry of effect.entries) entries.set(entry.seq, entry)
      this.stored.set(effect.conversationId, entries)
    } else if (effect.do === 'mark') {
      const entries = this.stored.get(effect.conversationId) ?? new Map<number, MarkedEntry>()
      for (const [seq, items] of itemsBySeq(effect.items)) entries.set(seq, withItems(entries.get(seq) ?? assert.fail('it is stored'), items))
    } else if (effect.do === 'learn')
      this.state = knowPeople(
        this.state,
        effect.accountIds.map((id) => this.server.person(id)),
      )
    else if (effect.do === 'refresh') {
      this.asked.push(effect.conversationId)
      if (this.link !== null) this.server.receive(this.link, { t: 'refresh', conversationId: effect.conversationId })
    } else {
      this.resumes++
      this.connect()
    }
  }
}

/** What must hold after every step. */
function checkInvariants(state: ReplicaState, stored: Reader['stored']): void {
  for (const room of state.rooms.values()) {
    const { entries, ranges, cursor } = room
    entries.forEach((entry, index) =>
      assert.equal(entry.seq, cursor - entries.length + 1 + index, 'entries in memory are contiguous and end at the cursor'),
    )
    if (ranges.length > 0) assert.equal(ranges.at(-1)?.last, cursor, 'the newest range ends at the cursor')
    for (const { first, last } of ranges) {
      for (let seq = first; seq <= last; seq++) assert.ok(stored.get(room.conversationId)?.has(seq), `seq ${seq} is said to be stored and is`)
    }
    assert.ok(room.unreadBelow >= 0)
  }
}

/** An entry with its marks that have a value. With possibly outdated marks only its place is known. */
function bare(entry: MarkedEntry, room: Pick<Room, 'stale'> = { stale: [] }): unknown {
  const { seq, id, author } = entry
  if (rangeAt(room.stale, seq) !== undefined) return { seq, id, author }
  const marks = (entry.marks ?? []).filter(({ value }) => value !== null)
  return { ...entry, marks: marks.toSorted((a, b) => a.change - b.change) }
}

/** Everything a person sees, with only as many entries as both devices have in memory. */
function shown(state: ReplicaState, entriesOf: (conversationId: ConversationId) => number): unknown {
  const rooms = [...state.rooms.values()].map((room) => ({
    ...room.membership,
    ...room.meta,
    // With a title the names are not shown, so it need not be known who comes next.
    people: room.meta.title === '' ? room.meta.people.map((person) => `${person.accountId} ${person.displayName}`).toSorted() : null,
    cursor: room.cursor,
    readSeq: room.readSeq,
    unread: unreadCount(room, state),
    change: room.change,
    entries: room.entries.slice(-entriesOf(room.conversationId)).map((entry) => bare(entry, room)),
  }))
  return {
    rooms: rooms.toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1)),
    account: state.account,
    profile: state.profile,
    friends: [...state.friends.values()].toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1)),
  }
}

function inMemory(a: ReplicaState, b: ReplicaState): (conversationId: ConversationId) => number {
  return (id) => Math.max(1, Math.min(a.rooms.get(id)?.entries.length ?? 0, b.rooms.get(id)?.entries.length ?? 0))
}

function town(): { server: FakeServer; people: AccountId[]; rooms: ConversationId[] } {
  const server = new FakeServer()
  const people = Array.from({ length: 12 }, (_, index) => server.addAccount(`p${index}`))
  const [me, other, third] = people as [AccountId, AccountId, AccountId]
  const rooms = [
    server.addConversation('self', [me]),
    server.addConversation('direct', [other, me]),
    server.addConversation('group', [me, other, third], 'town'),
    server.addConversation('group', [other, me, third]),
    server.addConversation('group', [other, third]),
    server.addConversation('group', people.slice(0, 10)),
  ]
  return { server, people, rooms }
}

function pick<T>(all: readonly T[], random: ReturnType<typeof createRandom>): T | undefined {
  return all[random.below(all.length)]
}

/** One random event in the town. */
function happen(server: FakeServer, people: readonly AccountId[], rooms: readonly ConversationId[], random: ReturnType<typeof createRandom>): void {
  const someone = people[random.below(random.below(2) === 0 ? 3 : people.length)] as AccountId
  const another = people[random.below(people.length)] as AccountId
  const room = rooms[random.below(rooms.length)] as ConversationId
  const dice = random.below(26)
  if (dice >= 20) {
    const { id = server.newId(), seq = 1 } = pick(server.conversations.get(room)?.log ?? [], random) ?? {}
    const acts: readonly Act[] = [
      { kind: 'reaction', value: { emoji: '👍' } },
      { kind: 'reaction', value: { emoji: '❤️' } },
      { kind: 'reaction', value: null },
      { kind: 'edit', value: { text: `e${random.below(1_000)}` } },
      { kind: 'erased', value: {} },
      { kind: 'hidden', value: {} },
    ]
    // Most acts are on the newest entries, and in bursts.
    for (let times = random.below(5); times >= 0; times--) {
      server.set(someone, { id: server.newId(), conversationId: room, seq, subject: id, act: pick(acts, random) as Act })
    }
  } else if (dice < 9) server.say(someone, room, `t${random.below(1_000)}`)
  else if (dice < 11) for (let index = 0; index < 6; index++) server.say(someone, room, `burst ${index}`)
  else if (dice < 13)
    server.append(someone, room, server.newId(), { kind: 'invited', accounts: [another, people[random.below(people.length)] as AccountId] })
  else if (dice < 15) server.append(someone, room, server.newId(), { kind: 'left' })
  else if (dice < 16) server.append(someone, room, server.newId(), { kind: 'renamed', title: ['', 'x', 'y'][random.below(3)] as string })
  else if (dice < 19) server.raise(people[0] as AccountId, room, 1 + random.below(server.conversations.get(room)?.log.length ?? 1))
  else server.befriend(people[0] as AccountId, another, random.below(3) > 0)
}

test('[D5] a device that followed a history in any way shows the same as a fresh one', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 80 }), (seed, length) => {
      const random = createRandom(seed)
      const { server, people, rooms } = town()
      const me = people[0] as AccountId
      const old = new Reader(server, me)
      for (let step = 0; step < length; step++) {
        happen(server, people, rooms, random)
        const dice = random.below(12)
        if (dice === 0) old.connect()
        else if (dice === 1) old.disconnect()
        else if (dice === 2 && old.link !== null) server.beat(old.link)
        else if (dice === 3) trim(old)
        else if (dice === 4) scrollUp(old)
        if (random.below(3) > 0) old.read()
      }
      old.connect()
      old.read()
      if (old.link !== null) server.beat(old.link)
      old.read()
      const fresh = new Reader(server, me)
      fresh.connect()
      fresh.read()
      assert.deepEqual(shown(old.state, inMemory(old.state, fresh.state)), shown(fresh.state, inMemory(old.state, fresh.state)))
      for (const room of old.state.rooms.values()) {
        // [D2] Each once, in order, complete: the stored entries are the log itself.
        const conversation = server.conversations.get(room.conversationId) ?? assert.fail()
        const now = ({ seq }: Entry): MarkedEntry => ({ ...(conversation.log[seq - 1] as Entry), marks: conversation.marksBetween(seq, seq) })
        for (const entry of old.stored.get(room.conversationId)?.values() ?? []) assert.deepEqual(bare(entry, room), bare(now(entry), room))
      }
    }),
    { numRuns: 1_500 },
  )
})

function trim(reader: Reader): void {
  for (const room of reader.state.rooms.values()) reader.state = withRoom(reader.state, cutToTail(room, 2, reader.state))
}

function scrollUp(reader: Reader): void {
  for (const room of reader.state.rooms.values()) {
    const first = room.entries[0]?.seq ?? room.cursor + 1
    const conversation = reader.server.conversations.get(room.conversationId) ?? assert.fail()
    const from = Math.max(room.membership.joinedSeq, first - 3)
    const older = marked(conversation.log.slice(from - 1, first - 1), conversation.marksBetween(from, first - 1))
    if (older.length === 0) continue
    reader.state = withRoom(reader.state, prepend(room, older, reader.state, true))
    reader.perform({ do: 'store', conversationId: room.conversationId, entries: older })
  }
  checkInvariants(reader.state, reader.stored)
}

test('[D2] repeated, late and overlapping frames change nothing', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, length) => {
      const random = createRandom(seed)
      const { server, people, rooms } = town()
      const me = people[0] as AccountId
      const once = new Reader(server, me)
      const often = new Reader(server, me)
      once.connect()
      often.connect()
      const seen: DownFrame[] = []
      for (let step = 0; step < length; step++) {
        happen(server, people, rooms, random)
        once.read()
        for (let frame = often.inbox.shift(); frame !== undefined; frame = often.inbox.shift()) {
          // Only frames with a place can be repeated: entries and items have their place, a reset has its head.
          if (frame.t === 'entries' || frame.t === 'account' || frame.t === 'items') seen.push(frame)
          often.apply(frame)
        }
        for (let again = 0; again < 3 && seen.length > 0; again++) {
          const frame = seen[random.below(seen.length)] as DownFrame
          // Entries of a left room request a refresh, which is refused. That must change nothing too.
          often.apply(frame)
        }
        often.read()
      }
      assert.deepEqual(shown(often.state, inMemory(often.state, once.state)), shown(once.state, inMemory(often.state, once.state)))
    }),
    { numRuns: 500 },
  )
})

test('[D4] lost entries are requested and never skipped', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, length) => {
      const random = createRandom(seed)
      const { server, people, rooms } = town()
      const reader = new Reader(server, people[0] as AccountId)
      reader.connect()
      reader.read()
      for (let step = 0; step < length; step++) {
        happen(server, people, rooms, random)
        reader.inbox = reader.inbox.filter(() => random.below(4) > 0)
        reader.read()
      }
      // One heartbeat is enough [D6]. A second one follows a resume requested by the first.
      for (let beat = 0; beat < 2; beat++) {
        if (reader.link !== null) server.beat(reader.link)
        reader.read()
      }
      const fresh = new Reader(server, people[0] as AccountId)
      fresh.connect()
      fresh.read()
      const seen = (state: ReplicaState): unknown =>
        Object.fromEntries([...state.rooms].map(([id, { cursor, change, entries }]) => [id, [cursor, change, bare(entries.at(-1) as MarkedEntry)]]))
      assert.deepEqual(seen(reader.state), seen(fresh.state))
    }),
    { numRuns: 500 },
  )
})
