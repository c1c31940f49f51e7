import { NO_SIGN_IN_TROUBLE } from '@bongsu/client'
import type { Database } from './database.ts'
import type { AtDoor, Left, Session } from './session.ts'

export async function readSession(database: Database): Promise<Session | null> {
  return ((await database.get('session', 'session')) as Session | undefined) ?? null
}

/** Null: nobody is signed in. The device id is kept for the next sign-in [F5]. */
export async function writeSession(database: Database, session: Session | null): Promise<void> {
  if (session === null) await database.delete('session', 'session')
  else await database.put('session', session, 'session')
}

const NOTHING: AtDoor = { deviceId: null, trouble: NO_SIGN_IN_TROUBLE }

export async function readAtDoor(database: Database): Promise<AtDoor> {
  return ((await database.get('session', 'door')) as AtDoor | undefined) ?? NOTHING
}

export async function writeAtDoor(database: Database, known: AtDoor): Promise<void> {
  await database.put('session', known, 'door')
}

export async function readLeft(database: Database): Promise<Left | null> {
  return ((await database.get('session', 'left')) as Left | undefined) ?? null
}

export async function writeLeft(database: Database, left: Left | null): Promise<void> {
  if (left === null) await database.delete('session', 'left')
  else await database.put('session', left, 'left')
}

export async function forgetAtDoor(database: Database): Promise<void> {
  await database.delete('session', 'door')
}
