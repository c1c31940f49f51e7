import { LIMITS, type ConversationId, type DownFrame, type DownFrameOf, type Entry, type UpFrame } from '@bongsu/protocol'
import { createAudit } from './audit.ts'
import { DEVICE_BOUNDS } from './bounds.ts'
import type { Connection, DeviceHandle, DeviceOptions, View } from './device.ts'
import { createHistory, entriesInMemoryMax } from './history.ts'
import { createListeners } from './listeners.ts'
import { namesIn } from './meta.ts'
import { retryOf } from './outbox.ts'
import { createOutages } from './outages.ts'
import { knowPeople } from './people.ts'
import { createPeopleLookup } from './people-lookup.ts'
import { createPersist } from './persist.ts'
import { createPutBack } from './put-back.ts'
import { createReadTelling } from './read-telling.ts'
import { createRefreshes } from './refreshes.ts'
import { apply, EMPTY_STATE, totalOf, withRoom, type Effect, type ReplicaFrame, type ReplicaState } from './replica.ts'
import { cutToTail, emptied, markRead } from './room.ts'
import { createSending } from './sending.ts'
import { createSession } from './session.ts'
import { createTyping } from './typing.ts'
import { createWatching } from './watching.ts'

export function createDevice(options: DeviceOptions): DeviceHandle {
  const { store, clock, random, http } = options
  const listeners = createListeners()
  const open = new Set<ConversationId>()
  let token = options.token
  let replica: ReplicaState = EMPTY_STATE
  let view: View | null = null
  let loaded = false
  let loading: Promise<void> | null = null
  let running = false
  let askedHeads = false
  let spreadMs = 0
  let cancelExpect: (() => void) | null = null

  const session = createSession({ openSocket: options.openSocket, clock, random, events: { hello, frame: receive, changed: connectionChanged } })
  const persist = createPersist({ store, clock, changed })
  const sending = createSending({
    clock,
    random,
    persist,
    isOpen: () => session.isOpen() && !putBack.busy(),
    send: ({ id, conversationId, body }) => session.send({ t: 'send', id, conversationId, body }), // [seam: send-frame]
    changed,
  })
  const typing = createTyping(clock, changed)
  const refreshes = createRefreshes(clock, (conversationId) => session.send({ t: 'refresh', conversationId }))
  const reads = createReadTelling(clock, live, (conversationId, seq) => session.send({ t: 'read', conversationId, seq }))
  const watching = createWatching(
    clock,
    ({ conversationId }) => replica.rooms.get(conversationId)?.cursor ?? 0,
    (frame) => session.send(frame),
  )
  const people = createPeopleLookup({ http, clock, known: (accountId) => replica.people.has(accountId), found: putPeople })
  const history = createHistory({ store, persist, http, clock, random, state: () => replica, changed: becomeOlder })

  const audit = createAudit({
    store,
    clock,
    random,
    live,
    flush: () => persist.flush().then(() => !persist.failed()),
    send: (frame) => session.send(frame),
    mend,
    changed,
  })
  const outages = createOutages({
    clock,
    random,
    http,
    unsent: () => sending.outbox().filter(({ progress }) => progress === 'waiting' || progress === 'sending').length,
    spreadMs: () => spreadMs,
    store: (kept) => store.commit({ outages: kept }),
  })
  const putBack = createPutBack({
    store,
    persist,
    state: () => replica,
    enqueue: (items) => sending.putBack(items),
    receive,
    failed: () => session.resume(),
  })

  /** The state while connected and caught up. */
  function live(): ReplicaState | null {
    return session.connection().state === 'live' && !putBack.busy() ? replica : null
  }

  /** What is stored of the room cannot be believed: away with it, and anew [A3]. */
  function mend(conversationId: ConversationId): void {
    const room = replica.rooms.get(conversationId)
    if (room === undefined) return
    const wasOpen = open.has(conversationId)
    become(withRoom(replica, emptied(room)), [
      { do: 'drop', conversationId },
      { do: 'refresh', conversationId },
    ])
    if (wasOpen) open.add(conversationId)
  }

  function changed(): void {
    view = null
    listeners.tell()
  }

  /** Takes on a new state, and does what its making asks for. */
  function become(state: ReplicaState, effects: readonly Effect[]): void {
    if (state !== replica) {
      replica = state
      changed()
      persist.state(state, effects)
    }
    for (const effect of effects) perform(effect)
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'refresh':
        return refreshes.ask(effect.conversationId)
      case 'resume':
        return session.resume()
      case 'learn':
        return people.want(effect.accountIds)
      case 'expect':
        cancelExpect?.()
        cancelExpect = clock.after(DEVICE_BOUNDS.expectMs, () => {
          if (replica.account < effect.account) session.resume()
        })
        return
      case 'drop':
        // One that is in view stays open: it comes anew, with the person still looking.
        if (!watching.isOn(effect.conversationId)) open.delete(effect.conversationId)
        return
      case 'store':
        // Done by persist, in one commit with the state [D4].
        return
    }
  }

  function hello(): Extract<UpFrame, { t: 'hello' }> {
    const cursors = [...replica.rooms.values()].map((room): [ConversationId, number] => [room.conversationId, room.cursor])
    return { t: 'hello', token, epoch: replica.epoch, account: replica.account, cursors: cursors.slice(-LIMITS.conversationsPerAccountMax) }
  }

  function connectionChanged(connection: Connection): void {
    if (connection.state !== 'catching-up' && connection.state !== 'live') {
      sending.disconnected()
      refreshes.clear()
      reads.disconnected()
      typing.clear()
      audit.disconnected()
      putBack.disconnected()
      cancelExpect?.()
      askedHeads = false
    }
    outages.changed(connection)
    changed()
    if (connection.state === 'signed-out') options.onSignedOut?.()
  }

  function receive(frame: DownFrame): void {
    if (putBack.takes(frame)) return
    switch (frame.t) {
      case 'welcome':
        return welcome(frame)
      case 'account':
      case 'heads':
      case 'unread':
        if (frame.t === 'heads') askedHeads = false
        applyFrame(frame)
        watching.heard(frame)
        return sweep() // [seam: rooms-heard]
      case 'entries':
        applyFrame(frame)
        return arrived(frame.conversationId, frame.entries)
      case 'reset':
        applyFrame(frame)
        refreshes.answered(frame.conversationId)
        watching.renewed(frame.conversationId) // [seam: watch-renewed]
        return arrived(frame.conversationId, frame.entries)
      case 'caught-up':
        sweep() // [seam: rooms-caught-up]
        askForInexact()
        audit.live()
        return compare(frame)
      case 'beat':
        // An answer that has not come within a heartbeat will not: ask again [D6].
        askedHeads = false
        refreshes.beat()
        askForInexact()
        spreadMs = frame.reconnectSpreadMs ?? spreadMs
        return compare(frame)
      case 'accepted':
        sending.accepted(frame.id, frame.seq)
        sweep()
        return sending.pump()
      case 'refused':
        return refused(frame)
      case 'typing':
        if (frame.accountId === replica.accountId) return
        people.want([frame.accountId])
        return typing.saw(frame.conversationId, frame.accountId)
      case 'audit':
        return audit.answered(frame)
      case 'pong':
      case 'drain':
        // The session's own.
        return
    }
  }

  function applyFrame(frame: ReplicaFrame): void {
    const { state, effects } = apply(replica, frame)
    become(state, effects)
  }

  function welcome(frame: DownFrameOf<'welcome'>): void {
    spreadMs = frame.reconnectSpreadMs
    if (frame.token !== undefined) {
      token = frame.token
      options.onToken?.(token)
    }
    if (replica.accountId !== null && replica.accountId !== frame.accountId) sending.refuseAll('forbidden')
    applyFrame(frame)
    people.again()
    people.want([...replica.rooms.values()].flatMap((room) => namesIn(room.entries)))
    watching.welcomed()
    sending.pump()
  }

  /** What of these was written here is durable, whatever was answered [M5]. */
  function settleOwn(entries: readonly Entry[]): void {
    for (const { id, author, seq } of entries) if (author === replica.accountId) sending.accepted(id, seq)
    sweep()
    sending.pump()
  }

  /** With a page of history: what was refused in between two restores may be in it. */
  function becomeOlder(state: ReplicaState, effects: readonly Effect[]): void {
    become(state, effects)
    for (const effect of effects) if (effect.do === 'store') settleOwn(effect.entries)
  }

  function arrived(conversationId: ConversationId, entries: readonly Entry[]): void {
    for (const { author } of entries) if (author !== replica.accountId) typing.wrote(conversationId, author)
    settleOwn(entries)
    const room = replica.rooms.get(conversationId)
    if (room === undefined) return
    const bound = open.has(conversationId) ? entriesInMemoryMax : 2 * DEVICE_BOUNDS.tailEntries
    if (room.entries.length > bound) become(withRoom(replica, cutToTail(room, bound / 2, replica.accountId)), [])
  }

  function sweep(): void {
    sending.sweep((item) => {
      const room = replica.rooms.get(item.conversationId)
      return room === undefined ? item.body.kind === 'left' : item.seq !== null && item.seq <= room.cursor
    })
  }

  /** What was asked for and has not come, or could not be asked for then; the cursors do not tell the server of it. */
  function askForInexact(): void {
    for (const { conversationId, inexact } of replica.rooms.values()) if (inexact) refreshes.ask(conversationId)
  }

  /** [D6] The server says where a device that has everything stands. */
  function compare(frame: DownFrameOf<'beat' | 'caught-up'>): void {
    if (frame.total === null) return
    reads.plan()
    if (askedHeads) return
    if (frame.account === replica.account && frame.total === totalOf(replica)) {
      // The entry of one that was accepted in a room that was left meanwhile never comes here.
      return sending.sweep((item) => !replica.rooms.has(item.conversationId)) // [seam: rooms-at-beat]
    }
    askedHeads = session.send({ t: 'ask-heads' }) // [seam: ask-heads]
  }

  function refused({ id, re, code, retryAfterMs }: DownFrameOf<'refused'>): void {
    const retry = retryOf(code)
    if (retry === 'resume' || code === 'unauthenticated' || code === 'version-unsupported') return session.resume()
    if (id !== undefined) return sending.refused(id, code, retryAfterMs)
    const again = retry === 'later'
    if (re === 'refresh') refreshes.refused(again, retryAfterMs)
    else if (re === 'audit') audit.refused(again, retryAfterMs)
    else if (re === 'ask-heads') askedHeads = false
    else if (re === 'read' && again) reads.again(retryAfterMs)
    else if (re === 'watch' && again) watching.again(retryAfterMs)
  }

  function putPeople(persons: Parameters<DeviceHandle['putPeople']>[0]): void {
    become(knowPeople(replica, persons), [])
  }

  /** Once, however often it is started, unless it fails: what has happened since is newer than what was stored then. */
  async function load(): Promise<void> {
    const stored = await store.load().catch((cause: unknown) => {
      running = false
      loading = null
      throw cause
    })
    // A store written by an older version lacks what came later.
    if (stored.state !== null) replica = { ...EMPTY_STATE, ...stored.state }
    sending.load(stored.outbox)
    outages.load([...(stored.outages ?? []), ...(options.outages ?? [])])
    loaded = true
  }

  async function stop(): Promise<void> {
    running = false
    session.stop()
    sending.stop()
    people.stop()
    history.stop()
    reads.disconnected()
    watching.stop()
    await Promise.all([persist.stop(), outages.stop()])
  }

  return {
    view() {
      view ??= {
        loaded,
        connection: session.connection(),
        replica,
        outbox: sending.outbox(),
        typing: typing.writers(),
        storageFailed: persist.failed(),
        auditFault: audit.fault(),
        restored: putBack.restored(),
      }
      return view
    },
    subscribe: (listener) => listeners.add(listener),
    async start() {
      if (running) return
      running = true
      await (loading ??= load())
      changed()
      if (!running) return
      outages.start()
      session.start()
    },
    stop,
    async forget() {
      await stop()
      sending.clear()
      replica = EMPTY_STATE
      open.clear()
      watching.forget()
      changed()
      await outages.clear()
      await store.clear()
    },
    async send(conversationId, body, id) {
      if (!loaded) throw new Error('send before the device has read its store')
      return sending.add(conversationId, body, id)
    },
    retry: (id) => sending.retry(id),
    discard: (id) => sending.discard(id),
    settled: (id) => sending.settled(id),
    markRead(conversationId, seq) {
      const room = replica.rooms.get(conversationId)
      if (room === undefined) return
      const raised = markRead(room, seq, replica.accountId)
      if (raised === room) return
      watching.took(room, raised)
      become(withRoom(replica, raised), [])
      reads.plan()
    },
    typing(conversationId) {
      if (session.connection().state === 'live' && typing.mayTell(conversationId)) session.send({ t: 'typing', conversationId })
    },
    watch(next) {
      if (watching.set(next) && next !== null) open.add(next.conversationId)
    },
    loadOlder(conversationId, count) {
      open.add(conversationId)
      return history.loadOlder(conversationId, count)
    },
    audit: (conversationId) => audit.run(conversationId),
    closeRoom(conversationId) {
      open.delete(conversationId)
      const room = replica.rooms.get(conversationId)
      if (room !== undefined) become(withRoom(replica, cutToTail(room, DEVICE_BOUNDS.tailEntries, replica.accountId)), [])
    },
    learnPeople: (accountIds) => people.want(accountIds),
    putPeople,
    wake() {
      if (running) session.wake()
    },
    networkLost() {
      if (running) session.networkLost()
    },
    inFront: (front) => outages.inFront(front),
  }
}
