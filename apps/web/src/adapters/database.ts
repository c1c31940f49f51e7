import type { AccountId, ClientMessageId, ConversationId, Device, Person } from '@bongsu/protocol'
import type { MarkedEntry, OutboxItem, ReplicaState, Room, StoredOutage } from '@bongsu/client'
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { AtDoor, Left, Session } from './session.ts'

/** The part of the state without rooms, people and devices: small, written with every change. */
export type StateRest = Omit<ReplicaState, 'rooms' | 'friends' | 'people' | 'devices'>

export interface Schema extends DBSchema {
  /** `outages`: reports for the server [F4]. Stored beside the state, so that no new database version was needed. */
  state: { key: 'rest' | 'outages'; value: StateRest | readonly StoredOutage[] }
  rooms: { key: ConversationId; value: Room }
  friends: { key: AccountId; value: Person }
  people: { key: AccountId; value: Person }
  devices: { key: string; value: Device }
  /** Key: conversation and seq, so that a stretch of a room is one range. An entry contains its marks. */
  entries: { key: [ConversationId, number]; value: MarkedEntry }
  outbox: { key: ClientMessageId; value: OutboxItem }
  /** `left`: the device was revoked [C10]. */
  session: { key: 'session' | 'door' | 'left'; value: Session | AtDoor | Left }
}

export type Database = IDBPDatabase<Schema>

/** Rises with every change of the stores. Each step of `upgrade` leads to the next version. */
const version = 1

export async function openDatabase(): Promise<Database> {
  const database = await openDB<Schema>('bongsu', version, {
    upgrade(db, oldVersion) {
      if (oldVersion < 1) {
        db.createObjectStore('state')
        db.createObjectStore('rooms')
        db.createObjectStore('friends')
        db.createObjectStore('people')
        db.createObjectStore('devices')
        db.createObjectStore('entries')
        db.createObjectStore('outbox')
        db.createObjectStore('session')
      }
    },
    // A newer window wants to upgrade. This window must close its connection, or neither continues.
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
      location.reload()
    },
    // The browser closed it: Safari does so to an app that was in the background, others when data of sites are deleted. Nothing could be stored
    // any more, so the app starts again.
    terminated: () => location.reload(),
  })
  return database
}

/** Asks the browser not to delete the conversations when the disk gets full. A refusal is no error: the server has all of them. */
export async function askToPersist(): Promise<void> {
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist()
  } catch {
    // Old browsers do not have this API. Nothing changes for the person.
    return
  }
}
