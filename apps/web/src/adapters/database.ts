import type { AccountId, ClientMessageId, ConversationId, Device, Person } from '@bongsu/protocol'
import type { MarkedEntry, OutboxItem, ReplicaState, Room, StoredOutage } from '@bongsu/client'
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { AtDoor, Session } from './session.ts'

/** What of the state is neither a room nor a person nor a device: small, written with every change. */
export type StateRest = Omit<ReplicaState, 'rooms' | 'friends' | 'people' | 'devices'>

export interface Schema extends DBSchema {
  /** `outages`: what is to be told when the server can be reached [F4]. Beside the state, so that no version of the database had to be made for it. */
  state: { key: 'rest' | 'outages'; value: StateRest | readonly StoredOutage[] }
  rooms: { key: ConversationId; value: Room }
  friends: { key: AccountId; value: Person }
  people: { key: AccountId; value: Person }
  devices: { key: string; value: Device }
  /** Key: conversation and seq, so that a stretch of a room is one range. An entry carries its marks. */
  entries: { key: [ConversationId, number]; value: MarkedEntry }
  outbox: { key: ClientMessageId; value: OutboxItem }
  session: { key: 'session' | 'door'; value: Session | AtDoor }
}

export type Database = IDBPDatabase<Schema>

/** Rises with every change of the stores; each step of `upgrade` brings one version to the next. */
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
    // A newer window wants to upgrade: this one must let go, or neither goes on.
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
      location.reload()
    },
  })
  return database
}

/** Asks the browser not to throw the conversations away when the disk gets full. Refusal is not an error: the server has them all. */
export async function askToPersist(): Promise<void> {
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist()
  } catch {
    // Old browsers have no such thing to ask; nothing changes for the person.
    return
  }
}
