import { hash, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { atomically, markFile } from '../notify/atomic-store.ts'
import { openToWrite } from '../record/connection.ts'
import { migrate } from '../record/migrations.ts'

export const OPERATOR_BOUNDS = {
  operatorsMax: 50,
  nameCodePointsMax: 60,
  /** Lifetime of a link that sets a password. */
  linkMs: 24 * 3_600_000,
  linksMax: 20,
  sessionMs: 12 * 3_600_000,
  sessionsPerOperatorMax: 10,
  browserMs: 180 * 86_400_000,
  browsersPerOperatorMax: 20,
} as const

/** Marks the file as an operator file of Bongsu: 'bngo' in ASCII. */
const applicationId = 0x626e676f

export interface Operator {
  readonly id: number
  readonly name: string
  readonly passwordHash: string
}

/** The operators of the page. Tokens are handed out once; the file holds only their hashes. */
export interface OperatorStore {
  anybody(): boolean
  find(name: string): Operator | null
  /** @param name of the operator; null when the person who opens the link chooses it. New links replace the oldest. */
  makeLink(name: string | null, now: number): string
  /** @returns null when there is no such link, or no longer. */
  readLink(token: string, now: number): { readonly name: string | null } | null
  /**
   * Sets the password of that name and ends its sessions. The link is used up.
   * - taken: the link names nobody, and the name belongs to someone else. - full: the number of operators is at its bound.
   */
  useLink(token: string, name: string, passwordHash: string, now: number): 'done' | 'dead' | 'taken' | 'full'
  startSession(operatorId: number, now: number): string
  session(token: string, now: number): { readonly operatorId: number; readonly name: string } | null
  endSession(token: string): void
  rememberBrowser(operatorId: number, now: number): string
  knowsBrowser(token: string, operatorId: number, now: number): boolean
  tidy(now: number): void
  close(): void
}

/** Opens or creates the file. A command may have it open beside the sentinel. */
export function openOperatorStore(file: string, now: number): OperatorStore {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = openToWrite(file)
  try {
    chmodSync(file, 0o600)
    markFile(db, applicationId)
    db.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON')
    const sql = readFileSync(new URL('./migrations/0001-operators.sql', import.meta.url), 'utf8')
    migrate(db, [{ number: 1, name: 'operators', sql }], now)
    return storeOver(db)
  } catch (error) {
    db.close()
    throw error
  }
}

const tokenOf = (): string => randomBytes(32).toString('base64url')
const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer')
/** The form in which two spellings of one name are equal. */
const foldName = (name: string): string => name.normalize('NFC').toLowerCase()

type Table = 'sessions' | 'browsers'

function storeOver(db: DatabaseSync): OperatorStore {
  const count = db.prepare('SELECT count(*) AS count FROM operators')
  const byName = db.prepare('SELECT id, name, password_hash AS passwordHash FROM operators WHERE folded_name = ?')
  const insertLink = db.prepare('INSERT INTO links (hash, name, expires_at) VALUES (?, ?, ?)')
  const trimLinks = db.prepare(
    `DELETE FROM links WHERE hash IN (SELECT hash FROM links ORDER BY expires_at DESC, hash LIMIT -1 OFFSET ${OPERATOR_BOUNDS.linksMax})`,
  )
  const link = db.prepare('SELECT name FROM links WHERE hash = ? AND expires_at > ?')
  const deleteLink = db.prepare('DELETE FROM links WHERE hash = ?')
  const insert = db.prepare('INSERT INTO operators (name, folded_name, password_hash, created_at) VALUES (?, ?, ?, ?)')
  const setPassword = db.prepare('UPDATE operators SET password_hash = ? WHERE id = ?')
  const endAll = (['sessions', 'browsers'] as const).map((table) => db.prepare(`DELETE FROM ${table} WHERE operator_id = ?`))
  const session = db.prepare(
    'SELECT operators.id AS operatorId, operators.name AS name FROM sessions JOIN operators ON operators.id = operator_id WHERE hash = ? AND expires_at > ?',
  )
  const endSession = db.prepare('DELETE FROM sessions WHERE hash = ?')
  const browser = db.prepare('SELECT 1 FROM browsers WHERE hash = ? AND operator_id = ? AND expires_at > ?')
  const expire = ['links', 'sessions', 'browsers'].map((table) => db.prepare(`DELETE FROM ${table} WHERE expires_at <= ?`))
  const adders = {
    sessions: adder('sessions', OPERATOR_BOUNDS.sessionsPerOperatorMax),
    browsers: adder('browsers', OPERATOR_BOUNDS.browsersPerOperatorMax),
  }

  function adder(table: Table, most: number): (operatorId: number, expiresAt: number) => string {
    const add = db.prepare(`INSERT INTO ${table} (hash, operator_id, expires_at) VALUES (?, ?, ?)`)
    const trim = db.prepare(
      `DELETE FROM ${table} WHERE hash IN (SELECT hash FROM ${table} WHERE operator_id = ? ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ${most})`,
    )
    return (operatorId, expiresAt) =>
      atomically(db, () => {
        const token = tokenOf()
        add.run(hashOf(token), operatorId, expiresAt)
        trim.run(operatorId)
        return token
      })
  }

  const find = (name: string): Operator | null => (byName.get(foldName(name)) as unknown as Operator | undefined) ?? null
  const operators = (): number => (count.get() as { count: number }).count

  return {
    anybody: () => operators() > 0,
    find,
    makeLink: (name, now) =>
      atomically(db, () => {
        const token = tokenOf()
        insertLink.run(hashOf(token), name, now + OPERATOR_BOUNDS.linkMs)
        trimLinks.run()
        return token
      }),
    readLink: (token, now) => (link.get(hashOf(token), now) as { name: string | null } | undefined) ?? null,
    useLink: (token, name, passwordHash, now) =>
      atomically(db, () => {
        const found = link.get(hashOf(token), now) as { name: string | null } | undefined
        if (found === undefined || (found.name !== null && foldName(found.name) !== foldName(name))) return 'dead'
        const known = find(name)
        if (known !== null && found.name === null) return 'taken'
        if (known === null) {
          if (operators() >= OPERATOR_BOUNDS.operatorsMax) return 'full'
          insert.run(name, foldName(name), passwordHash, now)
        } else {
          setPassword.run(passwordHash, known.id)
          // A new password is set because of a stranger or a lost machine, so all sessions end.
          for (const each of endAll) each.run(known.id)
        }
        deleteLink.run(hashOf(token))
        return 'done'
      }),
    startSession: (operatorId, now) => adders.sessions(operatorId, now + OPERATOR_BOUNDS.sessionMs),
    session: (token, now) => (session.get(hashOf(token), now) as unknown as { operatorId: number; name: string } | undefined) ?? null,
    endSession: (token) => void endSession.run(hashOf(token)),
    rememberBrowser: (operatorId, now) => adders.browsers(operatorId, now + OPERATOR_BOUNDS.browserMs),
    knowsBrowser: (token, operatorId, now) => browser.get(hashOf(token), operatorId, now) !== undefined,
    tidy: (now) => atomically(db, () => expire.forEach((each) => each.run(now))),
    close: () => {
      if (db.isOpen) db.close()
    },
  }
}
