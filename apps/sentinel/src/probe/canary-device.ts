import {
  createApi,
  createDevice,
  createMemoryStore,
  socketUrl,
  type Connection,
  type DeviceHandle,
  type LocalStore,
  type OpenSocket,
} from '@bongsu/client'
import type { ClientMessageId, ConversationId } from '@bongsu/protocol'
import { createCanarySocket } from './canary-socket.ts'
import type { ProbeParts } from './ports.ts'

/**
 * Stored messages at which a device starts over with an empty store: a canary runs for months and must not grow [O1]. A device starts over between
 * tries. In a fault without end there is no moment between tries, so it starts over at ten times as many.
 */
export const storedMessagesMax = 2_000
/** Unread numbers are watched from `below` entries under the head, and watched anew when the head is `above` entries higher. */
const watched = { below: 4, above: 32 } as const
/** Time between two checks of a connection: longer than the client's own limit for a check (3 s). */
const checkEveryMs = 4_000

/** A connection that is not made within this time was awaited, not refused: it says nothing about the tries begun meanwhile. */
export const awaitedMs = 3_000

/** State of the device's connection. `directed`: the server said when to come back. */
export type Standing = 'live' | 'connecting' | 'waiting' | 'directed' | 'signed-out' | 'outdated' | 'stopped'

export interface CanaryDeviceEvents {
  /** `failed`: a connection was tried and refused. */
  stands(now: Standing, failed: boolean): void
  accepted(messageId: string, seq: number): void
  refused(messageId: string): void
  /** A message of the other canary has arrived. */
  arrived(messageId: string, seq: number): void
  /** Messages are missing on this device between its old and its new state. */
  skipped(belowSeq: number): void
  /** Unread numbers may have changed. */
  changed(): void
  /** The server has a different history than before. */
  newHistory(): void
  renewedToken(token: string): void
}

/** The installed app of one account: connected, receiving, and reading every message at once. */
export interface CanaryDevice {
  readonly standing: Standing
  /** When anything came over its connection last, in monotonic ms. */
  readonly heardMs: number
  start(): void
  stop(): void
  send(messageId: string, text: string): void
  /** Whether the message was refused for now and waits for another try. */
  isPutOff(messageId: string): boolean
  /** The try is over: later messages must not wait behind this one. */
  discard(messageId: string): void
  /** Whether the other account has read the message with this seq. */
  isRead(seq: number): boolean
  /** Imitates a person who looks at the screen: a wait ends, and an established connection is checked. */
  wake(): void
  /** Imitates the change of a phone's network. */
  reopen(): void
  /** Starts over with an empty store when it is too full. @param idle no try is running. */
  tidy(idle: boolean): void
}

export interface CanaryDeviceOptions extends Pick<ProbeParts, 'clock' | 'random' | 'serverUrl'> {
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
  const openPlain = createCanarySocket(socketUrl(options.serverUrl), options.userAgent)
  const openSocket: OpenSocket = (heard) =>
    openPlain({
      ...heard,
      message(text) {
        heardMs = clock.monotonic()
        heard.message(text)
      },
    })
  const http = createApi({ baseUrl: options.serverUrl, token: () => token })
  let token = options.token
  let standing: Standing = 'stopped'
  let epoch: string | null = null
  let seenSeq = 0
  let watchedFrom = 0
  let checkedAt = Number.NEGATIVE_INFINITY
  let heardMs = clock.monotonic()
  let stoodMs = heardMs
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
      // The store is new and nothing has arrived since: earlier messages may still become read.
      if (watchedFrom === 0 && seenSeq > 0) watch(seenSeq)
      return
    }
    const fresh = room.entries.filter(({ seq }) => seq > seenSeq)
    const firstSeq = fresh[0]?.seq ?? room.cursor + 1
    if (firstSeq > seenSeq + 1) events.skipped(firstSeq)
    // Updated before any listener runs, because a listener may look at this device again.
    seenSeq = room.cursor
    handle.markRead(conversationId, room.cursor)
    watch(room.cursor)
    for (const { author, id, seq, body } of fresh) if (author !== replica.accountId && body.kind === 'text') events.arrived(id, seq)
  }

  /** The unread number of a sender's own message shows that the message was read. */
  function watch(head: number): void {
    if (watchedFrom > 0 && head - watchedFrom < watched.above) return
    watchedFrom = Math.max(1, head - watched.below)
    handle.watch({ conversationId, from: watchedFrom, to: null })
    // Watching would keep the whole room in memory. This canary only listens.
    handle.closeRoom(conversationId)
  }

  function stand(connection: Connection): void {
    const before = standing
    standing = standingOf(connection)
    if (standing === before) return
    const now = clock.monotonic()
    const isRefused = before === 'connecting' && (standing === 'waiting' || standing === 'directed') && now - stoodMs < awaitedMs
    stoodMs = now
    events.stands(standing, isRefused)
  }

  return {
    get standing() {
      return standing
    },
    get heardMs() {
      return heardMs
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
      // A failure here means that the device was stopped or the message discarded: nobody waits for the message.
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
      // A check that is restarted again and again would never finish.
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

/** A store in memory that counts the messages written to it. */
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
