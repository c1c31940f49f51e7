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

/** Everything a screen needs, as one immutable value; a new one after each change. */
export interface View {
  /** The device has read its store; before that the lists are empty because unknown. */
  readonly loaded: boolean
  readonly connection: Connection
  /** With the acts of the outbox on top of it, as if they were done [I11]. */
  readonly replica: ReplicaState
  /** Entries that are not in the room yet, oldest first; `progress` says how far each has come [C3]. */
  readonly outbox: readonly Pending[]
  /** Acts that are not there yet as items, oldest first. A refused one is not shown as done any more, and stays here until `discard`. */
  readonly acts: readonly PendingAct[]
  /** Who is writing now in the watched conversation; each name leaves by itself after 5 s without a further sign. */
  readonly typing: ReadonlyMap<ConversationId, readonly AccountId[]>
  /** The store of this device takes nothing more (full, or gone): what is received is shown, but will be fetched again after a restart. */
  readonly storageFailed: boolean
  /** This device and the server were at odds over a room; the room was taken anew, or could not be set right [A3]. */
  readonly auditFault: AuditFault | null
  /** The server came back from a backup since this program was started, and own messages went back into the outbox [A4]. */
  readonly restored: Restored | null
}

/** What a device is made of. */
export interface DeviceOptions {
  readonly store: LocalStore
  readonly openSocket: OpenSocket
  readonly http: Pick<Api, 'call'>
  readonly clock: Clock
  readonly random: Random
  readonly token: string
  /** The server has replaced the token: keep the new one. */
  readonly onToken?: (token: string) => void
  /** The token is not valid any more. */
  readonly onSignedOut?: () => void
  /** What could not be done before there was this device; told to the server with its own [F4]. */
  readonly outages?: readonly StoredOutage[]
}

/** A device without a screen: all that a client of Bongsu is, but for pixels. Made by `createDevice`. */
export interface DeviceHandle {
  readonly view: () => View
  /** Called after each change, at most once per turn of the event loop. @returns a function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** Loads the store, then connects and stays connected until `stop`. */
  start(): Promise<void>
  /** Closes the connection and timers; the store stays. */
  stop(): Promise<void>
  /** Forgets everything on this device. */
  forget(): Promise<void>

  /**
   * Writes the entry into the outbox; resolves when it is stored on this device, not when it is sent [C1]. Rejects with `SendRejected`
   * when the outbox is full, the store fails, or the text could never be accepted.
   * @param id for programs that must not say a thing twice, however often they are killed: the same id again is the same entry [M2].
   */
  send(conversationId: ConversationId, body: SendBody, id?: ClientMessageId): Promise<ClientMessageId>
  /**
   * Acts on an entry: sets a mark of it, or takes it back. The act is written into the outbox, seen at once, and sent once; resolves when it is stored on this
   * device [C1, I2, I11]. Rejects with `SendRejected`: `feature-missing` when the server knows no acts, else with what the server would say.
   */
  act(conversationId: ConversationId, about: { readonly seq: number; readonly id: ClientMessageId }, act: Act): Promise<ClientMessageId>
  /** Sends a refused entry or act again, under a new id. */
  retry(id: ClientMessageId): Promise<void>
  /** Deletes an entry or an act that is still in the outbox. Whether it had already reached the server can be unknown; then it stays there. */
  discard(id: ClientMessageId): Promise<void>
  /** Resolves when the server accepted or refused the entry or the act. */
  settled(id: ClientMessageId): Promise<Outcome>

  /** Raises the own watermark; told to the server now or on the next connection. Falls are ignored [R1]. */
  markRead(conversationId: ConversationId, seq: number): void
  /** The person is writing; told to the server at most once in 3 s. */
  typing(conversationId: ConversationId): void
  /** The room on the screen and the entries in view (see the frame `watch`); null when no room is open. Kept across reconnects. */
  watch(view: { conversationId: ConversationId; from: number; to: number | null } | null): void
  /**
   * Puts up to `count` older entries of a room in memory, from the store where they are, else from the server. `more: false` when the
   * beginning is reached. What the server puts off is asked for again; rejects when they are not stored and the server cannot be reached, or
   * has no time for long.
   */
  loadOlder(conversationId: ConversationId, count: number): Promise<{ readonly more: boolean }>
  /**
   * Puts one entry in `apart` of its room where it is not in memory, as a quote shows it: from the store, else from the server. @returns null when there is no
   * such entry for this account. Rejects when it is not stored and the server cannot be reached.
   */
  loadEntry(conversationId: ConversationId, seq: number): Promise<MarkedEntry | null>
  /** Compares everything that is stored of a room with the server, now; what differs is taken anew [A1, A3]. */
  audit(conversationId: ConversationId): Promise<AuditOutcome>
  /** Cuts the entries in memory back to the tail. */
  closeRoom(conversationId: ConversationId): void
  /** Makes sure that the names of these people are known, soon. */
  learnPeople(accountIds: readonly AccountId[]): void
  /** Tells the device about people learnt elsewhere (HTTP answers). */
  putPeople(people: readonly Person[]): void

  /** The app came to the front, or the network changed: check the connection now, reconnect at once where it is waiting [C4]. */
  wake(): void
  /** The operating system says there is no network. */
  networkLost(): void
  /** The person looks at the app, or has put it away: only what could not be done while they looked is counted [F4]. At first they look. */
  inFront(front: boolean): void
}
