export { createApi, type Api, type ApiOptions, type ApiRequest, type ApiResult } from './api.ts'
export { askAgain } from './ask-again.ts'
export type { AuditFault, AuditOutcome } from './audit.ts'
export { createDevice } from './create-device.ts'
export type { Connection } from './connection.ts'
export type { DeviceHandle, DeviceOptions, View } from './device.ts'
export type { Effect } from './effect.ts'
export { HistoryUnavailable } from './history.ts'
export { itemsBySeq, withItems, type MarkedEntry } from './marked-entry.ts'
export { createMemoryStore } from './memory-store.ts'
export type { StoredOutage } from './stored-outage.ts'
export type { Pending, PendingAct, Progress } from './outbox.ts'
export type { Clock, LocalChange, LocalStore, OpenSocket, OutboxItem, Random, Socket, SocketEvents, WrittenAct, WrittenEntry } from './ports.ts'
export { chanceId, createOpenSocket, socketUrl, systemClock, systemRandom } from './ports-web.ts'
export type { Restored } from './put-back.ts'
export type { Range } from './ranges.ts'
export { apply, type Applied, type ReplicaFrame } from './replica.ts'
export { mayIn, roleIn } from './roles.ts'
export { entryAt } from './room.ts'
export {
  addedBy,
  editedAt,
  isAside,
  isErased,
  isHidden,
  isSaid,
  isShut,
  lastEntry,
  hasMark,
  reactionsOf,
  roomTitle,
  sortedRooms,
  textOf,
  totalUnread,
  unreadCount,
  unreadNumber,
  waitingRequests,
  type Reactions,
} from './select.ts'
export { SendRejected, type Outcome } from './sending.ts'
export { EMPTY_STATE, NO_ITEMS, serverHas, type ReplicaState, type Room, type StoredState } from './state.ts'
export { afterSignInTry, NO_SIGN_IN_TROUBLE, type SignInTrouble, type SignInTry } from './sign-in-outages.ts'
