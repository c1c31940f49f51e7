import { NO_SIGN_IN_TROUBLE, type SignInTrouble } from '@bongsu/client'
import type { DeviceId } from '@bongsu/protocol'
import type { Database, Session } from './database.ts'

export async function readSession(database: Database): Promise<Session | null> {
  return ((await database.get('session', 'session')) as Session | undefined) ?? null
}

/** Null: nobody is signed in. Which device this is stays known, for whoever signs in again [F5]. */
export async function writeSession(database: Database, session: Session | null): Promise<void> {
  if (session === null) await database.delete('session', 'session')
  else await database.put('session', session, 'session')
}

/** What is known at the door: which device this was, and how signing in went so far [F4, F5]. */
export interface AtDoor {
  readonly deviceId: DeviceId | null
  readonly trouble: SignInTrouble
}

const NOTHING: AtDoor = { deviceId: null, trouble: NO_SIGN_IN_TROUBLE }

export async function readAtDoor(database: Database): Promise<AtDoor> {
  return ((await database.get('session', 'door')) as AtDoor | undefined) ?? NOTHING
}

export async function writeAtDoor(database: Database, known: AtDoor): Promise<void> {
  await database.put('session', known, 'door')
}

export async function forgetAtDoor(database: Database): Promise<void> {
  await database.delete('session', 'door')
}
