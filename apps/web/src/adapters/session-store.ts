import type { Database, Session } from './database.ts'

export async function readSession(database: Database): Promise<Session | null> {
  return (await database.get('session', 'session')) ?? null
}

export async function writeSession(database: Database, session: Session | null): Promise<void> {
  if (session === null) await database.delete('session', 'session')
  else await database.put('session', session, 'session')
}
