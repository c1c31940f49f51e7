export { createApi, type Api, type ApiOptions, type ApiRequest, type ApiResult } from './api.ts'
export { askAgain } from './ask-again.ts'
export type { AuditFault, AuditOutcome } from './audit.ts'
export { createDevice } from './create-device.ts'
export type { Connection, DeviceHandle, DeviceOptions, View } from './device.ts'
export { HistoryUnavailable } from './history.ts'
export { createMemoryStore } from './memory-store.ts'
export type { StoredOutage } from './outages.ts'
export type { Outbox, Pending, Progress } from './outbox.ts'
export type { Clock, LocalChange, LocalStore, OpenSocket, OutboxItem, Random, Socket, SocketEvents } from './ports.ts'
export { createOpenSocket, socketUrl, systemClock, systemRandom } from './ports-web.ts'
export type { Restored } from './put-back.ts'
export {
  apply,
  EMPTY_STATE,
  type Applied,
  type Effect,
  type Range,
  type ReplicaFrame,
  type ReplicaState,
  type Room,
  type StoredState,
} from './replica.ts'
export { lastEntry, roomTitle, sortedRooms, totalUnread, unreadCount, unreadNumber } from './select.ts'
export { SendRejected, type Outcome } from './sending.ts'
export { afterSignInTry, NO_SIGN_IN_TROUBLE, type SignInTrouble, type SignInTry } from './sign-in-outages.ts'
