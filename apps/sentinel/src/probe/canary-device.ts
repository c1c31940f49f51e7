import { createApi, createDevice, createMemoryStore, socketUrl, type Connection, type DeviceHandle, type LocalStore } from '@bongsu/client'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import type { Clock } from '../clock.ts'
import { createCanarySocket } from './canary-socket.ts'
import type { Random } from './ports.ts'

/**
 * A device begins anew, with an empty store, when it holds so many messages: a canary runs for months and must not grow [O1]. That is done between
 * tries; in a trouble without an end, in which there is no such moment, it is done at ten times as many.
 */
export const storedMessagesMax = 2_000
/** Unread numbers are asked for from so far below the head, and anew when the head is so far above. */
const watched = { below: 4, above: 32 } as const
/** A check of a connection is given the client's own time for it (3 s) before the next one begins. */
const checkEveryMs = 4_000

/** How the device stands to the server. `directed`: it was told when to come back. */
export type Standing = 'live' | 'connecting' | 'waiting' | 'directed' | 'signed-out' | 'outdated' | 'stopped'

export interface CanaryDeviceEvents {
  /** `failed`: a connection was tried and did not come about. */
  stands(now: Standing, failed: boolean): void
  accepted(messageId: string, seq: number): void
  refused(messageId: string): void
  /** A message of the other canary has come. */
  arrived(messageId: string, seq: number): void
  /** Between what it knew and what it knows now, something is missing on this device. */
  skipped(belowSeq: number): void
  /** Unread numbers may have changed. */
  changed(): void
  /** The server's history is another than before. */
  newHistory(): void
  renewedToken(token: string): void
}

/** One account's installed app: connected, receiving, reading at once what comes. */
export interface CanaryDevice {
  readonly standing: Standing
  start(): void
  stop(): void
  send(messageId: string, text: string): void
  /** Was it refused for now, so that it waits for another try? */
  isPutOff(messageId: string): boolean
  /** Nobody waits for it any more: what comes after it must not wait behind it. */
  discard(messageId: string): void
  /** Has the other one read the message with this seq? */
  isRead(seq: number): boolean
  /** The person looks at the screen: a wait ends, and a connection that seems to live is checked. */
  wake(): void
  /** Its network changes under it, as a phone's does. */
  reopen(): void
  /** Begins anew when it holds too much. @param idle no try is under way. */
  tidy(idle: boolean): void
}

export interface CanaryDeviceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly serverUrl: string
  readonly userAgent: string
  readonly token: string
  readonly conversationId: string
  readonly events: CanaryDeviceEvents
  readonly storedMax?: number
}

export type OpenCanaryDevice = (options: CanaryDeviceOptions) => CanaryDevice

export function createCanaryDevice(options: CanaryDeviceOptions): CanaryDevice {
  const { clock, random, events, storedMax = storedMessagesMax } = options
  const conversationId = options.conversationId as ConversationId
  const openSocket = createCanarySocket(socketUrl(options.serverUrl), options.userAgent)
  const http = createApi({ baseUrl: options.serverUrl, token: () => token })
  let token = options.token
  let standing: Standing = 'stopped'
  let epoch: string | null = null
  let seenSeq = 0
  let watchedFrom = 0
  let checkedAt = Number.NEGATIVE_INFINITY
  let store = createCountingStore()
  let handle = open()
  let started: Promise<void> = Promise.resolve()

  function open(): DeviceHandle {
    const mine = createDevice({
      store,
      openSocket,
      http,
      clock,
      random,
      token,
      onToken(given) {
        token = given
        events.renewedToken(given)
      },
    })
    mine.subscribe(() => {
      if (mine === handle) look()
    })
    return mine
  }

  function look(): void {
    const { connection, replica } = handle.view()
    if (replica.epoch !== epoch && replica.epoch !== null) {
      if (epoch !== null) {
        seenSeq = 0
        watchedFrom = 0
        events.newHistory()
      }
      epoch = replica.epoch
    }
    lookAtRoom()
    stand(connection)
    events.changed()
  }

  function lookAtRoom(): void {
    const { replica } = handle.view()
    const room = replica.rooms.get(conversationId)
    if (room === undefined) return
    if (room.cursor === seenSeq) {
      // Begun anew, and nothing has come since: what was sent before may still be read only now.
      if (watchedFrom === 0 && seenSeq > 0) watch(seenSeq)
      return
    }
    const fresh = room.entries.filter(({ seq }) => seq > seenSeq)
    const firstSeq = fresh[0]?.seq ?? room.cursor + 1
    if (firstSeq > seenSeq + 1) events.skipped(firstSeq)
    // Before anything is told: whoever hears of it may look at this device again.
    seenSeq = room.cursor
    handle.markRead(conversationId, room.cursor)
    watch(room.cursor)
    for (const { author, id, seq, body } of fresh) if (author !== replica.accountId && body.kind === 'text') events.arrived(id, seq)
  }

  /** The unread number of what it wrote tells a sender that it was read. */
  function watch(head: number): void {
    if (watchedFrom > 0 && head - watchedFrom < watched.above) return
    watchedFrom = Math.max(1, head - watched.below)
    handle.watch({ conversationId, from: watchedFrom, to: null })
    // Watching keeps all of a room in memory; this one is only listened to.
    handle.closeRoom(conversationId)
  }

  function stand(connection: Connection): void {
    const before = standing
    standing = standingOf(connection)
    if (standing === before) return
    events.stands(standing, before === 'connecting' && (standing === 'waiting' || standing === 'directed'))
  }

  return {
    get standing() {
      return standing
    },
    start() {
      started = handle.start()
    },
    stop() {
      void handle.stop()
    },
    send(messageId, text) {
      const mine = handle
      const id = messageId as ClientMessageId
      // What goes wrong here is that the device was stopped or the message discarded: nobody waits for it any more.
      started
        .then(() => mine.send(conversationId, { kind: 'text', text }, id))
        .then(() => mine.settled(id))
        .then(
          (outcome) => (outcome.accepted ? events.accepted(messageId, outcome.seq) : events.refused(messageId)),
          () => undefined,
        )
    },
    isPutOff(messageId) {
      const item = handle.view().outbox.find(({ id }) => id === messageId)
      return item !== undefined && item.progress === 'waiting' && item.tries > 0
    },
    discard(messageId) {
      handle.discard(messageId as ClientMessageId).catch(() => undefined)
    },
    isRead: (seq) => handle.view().replica.rooms.get(conversationId)?.unread.get(seq) === 0,
    wake() {
      const now = clock.monotonic()
      // A check that is begun again and again would never come to its end.
      if (standing !== 'waiting') {
        if (now - checkedAt < checkEveryMs) return
        checkedAt = now
      }
      handle.wake()
    },
    reopen() {
      if (standing !== 'live') return
      handle.networkLost()
      handle.wake()
    },
    tidy(idle) {
      if (store.held < (idle ? storedMax : 10 * storedMax) || standing !== 'live') return
      const old = handle
      store = createCountingStore()
      watchedFrom = 0
      handle = open()
      void old.stop()
      started = handle.start()
    },
  }
}

function standingOf(connection: Connection): Standing {
  switch (connection.state) {
    case 'catching-up':
    case 'live':
      return 'live'
    case 'waiting':
      return connection.directed ? 'directed' : 'waiting'
    case 'offline':
      return 'stopped'
    default:
      return connection.state
  }
}

/** A store in memory that knows how much it has taken. */
function createCountingStore(): LocalStore & { readonly held: number } {
  const store = createMemoryStore()
  let held = 0
  return {
    ...store,
    get held() {
      return held
    },
    commit(change) {
      held += (change.entries ?? []).reduce((sum, { entries }) => sum + entries.length, 0)
      return store.commit(change)
    },
  }
}
