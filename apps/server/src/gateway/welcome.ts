import {
  CLOSE_CODES,
  FEATURE_OF_ITEM,
  FEATURES,
  type AccountId,
  type DeviceId,
  type DownFrame,
  type Feature,
  type RefusalCode,
  type UpFrame,
} from '@bongsu/protocol'
import type { Claims, Tokens } from '../accounts/tokens.ts'
import type { AuditStore } from '../conversation/audit-store.ts'
import type { Announce } from '../delivery/announce.ts'
import { NOTHING_UNKNOWN } from '../delivery/cursors.ts'
import type { Hub } from '../delivery/hub.ts'
import type { Outlet } from '../delivery/outlet.ts'
import type { DeviceStream } from '../delivery/stream.ts'
import { tideIn, type Tides } from '../delivery/tides.ts'
import type { Clock } from '../ops/clock.ts'
import { ADMISSION_BOUNDS, type Admission } from './admission.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'
import { suspendedFor, type Connected, type Connections } from './connections.ts'
import type { Epochs } from './epochs.ts'

export interface WelcomeParts {
  readonly clock: Pick<Clock, 'now'>
  readonly epochs: Pick<Epochs, 'now' | 'heard' | 'look'>
  readonly tides: Pick<Tides, 'lineage' | 'tide'>
  readonly heartbeatMs: number
  readonly tokens: Tokens
  readonly isRevoked: (deviceId: DeviceId) => boolean
  readonly wasRevoked: (deviceId: DeviceId) => Promise<boolean>
  readonly isSuspended: (accountId: AccountId) => boolean
  /** Called before a device is admitted and counted. */
  readonly admitting: ((claims: Claims) => Promise<void>) | undefined
  readonly connections: Pick<Connections, 'recognised' | 'signedIn' | 'reconnectSpreadMs'>
  readonly admission: Pick<Admission, 'ask' | 'letIn' | 'payAsFresh'>
  readonly announce: Pick<Announce, 'cameIn'>
  readonly audit: Pick<AuditStore, 'restoredHeads'>
  readonly hub: Pick<Hub, 'open'>
}

/** A connection that has said hello and is not admitted yet. */
export interface Newcomer extends Connected {
  accountId: AccountId | null
  deviceId: DeviceId | null
  knowsSuspension: boolean
  readonly isClosed: boolean
  refuse(frame: UpFrame, code: RefusalCode, retryAfterMs?: number): void
  /** The hello waits for its turn. No time limit runs meanwhile [O11]. @param isTold the device can be told its turn. */
  hold(inMs: number, isTold: boolean): void
  /** Runs the next step of admission, which has a time limit of its own. @returns false when the socket is gone. */
  comeIn(step: () => Promise<void>): boolean
  /** The outlet for the stream. */
  outlet(): Outlet
  /** The device is known and its stream is about to start. @returns false when the socket is gone. */
  open(stream: DeviceStream, answer: DownFrame): boolean
}

/**
 * Answers hello: whose device is it, and is it its turn? The token is checked without a look-up [O6] and before a turn is given, so that made-up
 * tokens take no places in the queue. Nothing is read from the store before the turn [O3].
 * @param chars length of the frame.
 */
export async function welcome(parts: WelcomeParts, connection: Newcomer, hello: Hello, chars: number): Promise<void> {
  const claims = await parts.tokens.verify(hello.token)
  // [seam: check-token]
  if (claims === null || parts.isRevoked(claims.deviceId)) {
    connection.refuse(hello, 'unauthenticated')
    return connection.close(claims === null ? await whyRefused(parts, hello.token) : CLOSE_CODES.revoked)
  }
  connection.knowsSuspension = hello.features?.includes('staff' satisfies Feature) === true
  if (parts.isSuspended(claims.accountId)) return turnAway(connection, hello)
  // The socket closed during the token check. It must not replace the device's newer connection.
  if (connection.isClosed) return
  parts.connections.recognised(connection)
  connection.accountId = claims.accountId
  // Before the device gets or waits for a turn: what others send meanwhile would be in its way [A7].
  if (hello.tide !== undefined && hello.epoch === parts.epochs.now()) await parts.epochs.heard(hello.tide)
  if (connection.isClosed) return
  const fresh = hello.epoch !== parts.epochs.now() || hello.cursors.length === 0
  const go = (): Promise<void> => parts.admission.letIn(() => admit(parts, connection, hello, claims, fresh))
  const isTold = hello.features?.includes('turns' satisfies Feature) === true
  const comer = { enter: () => connection.comeIn(go), replaced: () => connection.close(CLOSE_CODES.superseded) }
  const turn = parts.admission.ask(claims.deviceId, fresh, chars, comer, isTold)
  if (turn.kind === 'now') return go()
  if (turn.kind === 'held') return connection.hold(turn.inMs, isTold)
  tellTurn(connection, hello, turn.retryAfterMs)
}

/** The device keeps everything and asks again [B55]. */
function turnAway(connection: Newcomer, hello: Hello): void {
  connection.refuse(hello, connection.knowsSuspension ? 'suspended' : 'unauthenticated')
  connection.close(suspendedFor(connection))
}

/** A device may come back after its token has expired, and learns then that it was revoked [C10]. */
async function whyRefused({ tokens, wasRevoked }: WelcomeParts, token: string): Promise<{ readonly code: number }> {
  const claims = tokens.expired(token)
  if (claims === null) return CLOSE_CODES.signedOut
  return (await wasRevoked(claims.deviceId)) ? CLOSE_CODES.revoked : CLOSE_CODES.expired
}

function lineageIn(tides: Pick<Tides, 'lineage' | 'tide'>): { readonly lineage?: string; readonly tide?: string } {
  const lineage = tides.lineage()
  return lineage === undefined ? {} : { lineage, ...tideIn(tides.tide) }
}

function tellTurn(connection: Newcomer, hello: Hello, retryAfterMs: number): void {
  connection.refuse(hello, 'busy', retryAfterMs)
  connection.close(CLOSE_CODES.unavailable)
}

type Hello = UpFrame & { t: 'hello' }

/** Kinds of account items that a device with these features does not know [W3]. */
function unknownItems(features: readonly string[]): ReadonlySet<string> {
  const unknown = Object.entries(FEATURE_OF_ITEM).flatMap(([kind, feature]) => (features.includes(feature) ? [] : [kind]))
  return unknown.length === 0 ? NOTHING_UNKNOWN : new Set(unknown)
}

/** Finds out what the device has missed. A second connection of a device replaces the first. */
async function admit(parts: WelcomeParts, connection: Newcomer, hello: Hello, claims: Claims, fresh: boolean): Promise<void> {
  const { accountId, deviceId } = claims
  // The device may have been revoked while it waited.
  if (parts.isRevoked(deviceId)) return connection.close(CLOSE_CODES.revoked) // [seam: check-revoked-at-turn]
  if (parts.isSuspended(accountId)) return turnAway(connection, hello)
  if (parts.admitting !== undefined) {
    await parts.admitting(claims)
    if (connection.isClosed) return
  }
  if (hello.epoch !== null && hello.epoch !== parts.epochs.now()) {
    // Another process may have begun the device's epoch, and this one does not know of it yet [D7].
    await parts.epochs.look()
    if (connection.isClosed) return
  }
  const now = parts.clock.now()
  connection.deviceId = deviceId
  parts.connections.signedIn(connection, deviceId)
  parts.announce.cameIn(accountId, deviceId, connection.beganAt)

  const knowsItems = hello.features?.includes('items' satisfies Feature) === true
  // Another epoch means another history: the device's cursors are useless [D7], but its entries may be missing here [A4].
  const epoch = parts.epochs.now()
  const same = hello.epoch === epoch // [seam: same-history]
  const restored = same || hello.epoch === null ? null : await parts.audit.restoredHeads(accountId, hello.epoch)
  const answer: DownFrame = {
    t: 'welcome',
    epoch,
    accountId,
    deviceId,
    now,
    heartbeatMs: parts.heartbeatMs,
    reconnectSpreadMs: parts.connections.reconnectSpreadMs(),
    ...(restored === null ? {} : { restored: restored.map(([conversationId, head]) => [conversationId, head]) }),
    ...(restored === null || !knowsItems ? {} : { restoredChanges: restored.map(([conversationId, , change]) => [conversationId, change]) }),
    // Sent only to a device that names its own features: an older one need not see unknown fields [W3].
    ...(hello.features === undefined ? {} : { features: [...FEATURES], ...lineageIn(parts.tides) }),
  }
  const token = now - claims.issuedAt > GATEWAY_BOUNDS.tokenRenewMs ? await parts.tokens.issue(accountId, deviceId, now) : null
  const rooms = new Map(same ? hello.cursors : []) // [seam: resume-cursors]
  const changes = knowsItems ? { changes: new Map(same ? hello.changes : []) } : {}
  const knowsRoles = hello.features?.includes('roles' satisfies Feature) === true
  const cursors = { knowsRoles, account: same ? hello.account : 0, rooms, ...changes, unknown: unknownItems(hello.features ?? []) }
  const known = await parts.hub.open(accountId, deviceId, connection.outlet(), cursors, (stream, work) => {
    // A new epoch has begun meanwhile: the device comes again, and is told so.
    if (parts.epochs.now() !== epoch) {
      connection.close(CLOSE_CODES.unavailable)
      return false
    }
    const costly = !fresh && work.resets >= ADMISSION_BOUNDS.resetsMin && work.resets > work.rooms / 2
    const waitMs = costly ? parts.admission.payAsFresh(deviceId) : 0
    if (waitMs === 0) return connection.open(stream, token === null ? answer : { ...answer, token })
    tellTurn(connection, hello, waitMs)
    return false
  })
  // This process may not have heard of the revocation yet.
  if (!known) connection.close((await parts.wasRevoked(deviceId)) ? CLOSE_CODES.revoked : CLOSE_CODES.signedOut)
}
