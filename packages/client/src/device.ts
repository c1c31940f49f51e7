import type { AccountId, Act, ClientMessageId, ConversationId, Person, SendBody } from '@bongsu/protocol'
import type { Api } from './api.ts'
import type { AuditFault, AuditOutcome } from './audit.ts'
import type { Connection } from './connection.ts'
import type { MarkedEntry } from './marked-entry.ts'
import type { Pending, PendingAct } from './outbox.ts'
import type { Clock, LocalStore, OpenSocket, Random } from './ports.ts'
import type { Restored } from './put-back.ts'
import type { Outcome } from './sending.ts'
import type { ReplicaState } from './state.ts'
import type { StoredOutage } from './stored-outage.ts'

/** Everything a screen needs, as one immutable value. Each change makes a new one. */
export interface View {
  /** The device has read its store. Before that the lists are empty because nothing is known. */
  readonly loaded: boolean
  readonly connection: Connection
  /** With the outbox's acts applied, as if they were done [I11]. */
  readonly replica: ReplicaState
  /** Entries that are not in the room yet, oldest first. `progress` says how far each has come [C3]. */
  readonly outbox: readonly Pending[]
  /** Acts without an item yet, oldest first. A refused one is no longer shown as done, and stays here until `discard`. */
  readonly acts: readonly PendingAct[]
  /** Who is typing in the watched conversation. Each name disappears after 5 s without a further signal. */
  readonly typing: ReadonlyMap<ConversationId, readonly AccountId[]>
  /** The store of this device accepts nothing more (full, or gone): received messages are shown, but fetched again after a restart. */
  readonly storageFailed: boolean
  /** This device and the server differed in a room. The room was loaded again, or still differs [A3]. */
  readonly auditFault: AuditFault | null
  /** The server was restored from a backup since this program started, and own messages went back into the outbox [A4]. */
  readonly restored: Restored | null
}

/** The parts of a device. */
export interface DeviceOptions {
  readonly store: LocalStore
  readonly openSocket: OpenSocket
  readonly http: Pick<Api, 'call'>
  readonly clock: Clock
  readonly random: Random
  readonly token: string
  /** The server has replaced the token: store the new one. */
  readonly onToken?: (token: string) => void
  /** The token is no longer valid. `expired`: keep it, because the device asks again with it [O8]. */
  readonly onSignedOut?: (why: 'unknown' | 'expired' | 'revoked') => void
  /** Failures from before this device existed, reported together with its own [F4]. */
  readonly outages?: readonly StoredOutage[]
}

/** A device without a screen: a complete client of Bongsu. Created by `createDevice`. */
export interface DeviceHandle {
  readonly view: () => View
  /** Called after each change, at most once in a turn of the event loop. @returns a function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** Loads the store, then connects and stays connected until `stop`. */
  start(): Promise<void>
  /** Closes the connection and timers. The store stays. */
  stop(): Promise<void>
  /** Deletes everything on this device. */
  forget(): Promise<void>
  /**
   * For a revoked device: stops, and deletes everything but the entries and acts that the server has not accepted. They are sent after the same account
   * has signed in again [C10]. Rejects when the store fails. Then everything is as before, and the next start is refused and wiped again.
   */
  wipe(): Promise<void>

  /**
   * Writes the entry into the outbox. Resolves when it is stored on this device, not when it is sent [C1]. Rejects with `SendRejected` when the
   * outbox is full, the store fails, or the text could never be accepted.
   * @param id for programs that must not say a thing twice, however often they are killed: a repeated id is the same entry [M2].
   */
  send(conversationId: ConversationId, body: SendBody, id?: ClientMessageId): Promise<ClientMessageId>
  /**
   * Acts on an entry: sets a mark of it, or takes it back. The act is written into the outbox, visible at once, and sent once. Resolves when it is
   * stored on this device [C1, I2, I11]. Rejects with `SendRejected`: `feature-missing` when the server does not support acts, else with the code the
   * server would give.
   */
  act(conversationId: ConversationId, about: { readonly seq: number; readonly id: ClientMessageId }, act: Act): Promise<ClientMessageId>
  /** Sends a refused entry or act again, under a new id. */
  retry(id: ClientMessageId): Promise<void>
  /** Deletes an entry or an act from the outbox. It may be unknown whether it had reached the server; then it stays there. */
  discard(id: ClientMessageId): Promise<void>
  /** Resolves when the server has accepted or refused the entry or the act. */
  settled(id: ClientMessageId): Promise<Outcome>

  /** Raises the own watermark and tells the server now or on the next connection. A lower value is ignored [R1]. */
  markRead(conversationId: ConversationId, seq: number): void
  /** The person is typing. The server is told at most once in 3 s. */
  typing(conversationId: ConversationId): void
  /** The room on the screen and the entries in view (see the frame `watch`); null without an open room. Kept across reconnects. */
  watch(view: { conversationId: ConversationId; from: number; to: number | null } | null): void
  /**
   * Puts up to `count` older entries of a room into memory, from the store, else from the server. `more: false` when the beginning is reached. A busy
   * server is asked again. Rejects when the entries are not stored and the server is unreachable, or busy for long.
   */
  loadOlder(conversationId: ConversationId, count: number): Promise<{ readonly more: boolean }>
  /**
   * Puts one entry into `apart` of its room when it is not in memory, for a quote: from the store, else from the server. @returns null when there is
   * no such entry for this account. Rejects when it is not stored and the server is unreachable.
   */
  loadEntry(conversationId: ConversationId, seq: number): Promise<MarkedEntry | null>
  /** Compares everything stored of a room with the server, now. A differing room is loaded again [A1, A3]. */
  audit(conversationId: ConversationId): Promise<AuditOutcome>
  /** Cuts the entries in memory to the tail. */
  closeRoom(conversationId: ConversationId): void
  /** Makes sure that the names of these people are known soon. */
  learnPeople(accountIds: readonly AccountId[]): void
  /** Tells the device about people learnt elsewhere (HTTP answers). */
  putPeople(people: readonly Person[]): void

  /** The app came to the front, or the network changed: check the connection now, or reconnect at once when waiting [C4]. */
  wake(): void
  /** The operating system says that there is no network. */
  networkLost(): void
  /** Whether the person looks at the app: only failures while they look are counted [F4]. Initially they look. */
  inFront(front: boolean): void
}
