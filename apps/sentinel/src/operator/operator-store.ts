import { hash, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { atomically, openStoreFile } from '../notify/atomic-store.ts'

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
  passkeysPerOperatorMax: 10,
} as const

/** Marks the file as an operator file of Bongsu: 'bngo' in ASCII. */
const applicationId = 0x626e676f

/** A speaker makes statements. A keeper also manages operators and webhooks. */
export const ROLES = ['speaker', 'keeper'] as const
export type Role = (typeof ROLES)[number]

export interface Operator {
  readonly id: number
  readonly name: string
  readonly role: Role
  readonly passwordHash: string
  readonly createdAt: number
}

export interface Passkey {
  /** As the browser names it, base64url. */
  readonly id: string
  readonly operatorId: number
  readonly publicKey: Uint8Array<ArrayBuffer>
  /** Number of uses as the device counts them; 0 when it does not. */
  readonly counter: number
}

/** - last: there must be a keeper. */
export type Managed = 'done' | 'unknown' | 'last'

/** The operators of the page. Tokens are handed out once; the file holds only their hashes. */
export type OperatorStore = ReturnType<typeof storeOver>

/** Opens or creates the file. A command may have it open beside the sentinel. */
export function openOperatorStore(file: string, now: number): OperatorStore {
  const sql = new URL('./migrations/0001-operators.sql', import.meta.url)
  return storeOver(openStoreFile(file, { applicationId, name: 'operators', sql }, now))
}

const tokenOf = (): string => randomBytes(32).toString('base64url')
const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer')
/** The form in which two spellings of one name are equal. */
const foldName = (name: string): string => name.normalize('NFC').toLowerCase()

function storeOver(db: DatabaseSync) {
  const sql = db.createTagStore()
  const list = (): readonly Operator[] =>
    sql.all`SELECT id, name, role, password_hash AS passwordHash, created_at AS createdAt FROM operators ORDER BY id` as unknown as readonly Operator[]
  const find = (name: string): Operator | null => list().find((each) => foldName(each.name) === foldName(name)) ?? null
  const passkeys = (): readonly Passkey[] =>
    sql.all`SELECT id, operator_id AS operatorId, public_key AS publicKey, counter FROM passkeys` as unknown as readonly Passkey[]
  const endLinks = (): unknown => sql.run`DELETE FROM links`
  const readLink = (token: string, now: number): { readonly name: string | null; readonly role: Role } | null => {
    const row = sql.get`SELECT name, role FROM links WHERE hash = ${hashOf(token)} AND expires_at > ${now}`
    return (row as { name: string | null; role: Role } | undefined) ?? null
  }

  /** There is always a keeper: otherwise only the command line could add one. */
  const manage = (name: string, losesKeeper: boolean, run: (id: number) => void): Managed =>
    atomically(db, () => {
      const operator = find(name)
      if (operator === null) return 'unknown'
      if (losesKeeper && !list().some(({ id, role }) => role === 'keeper' && id !== operator.id) && operator.role === 'keeper') return 'last'
      run(operator.id)
      return 'done'
    })

  return {
    list,
    find,
    /**
     * Removes the operator with sessions and passkeys. What the operator said stays in the record. All open links go too: the operator may have made
     * one, under whatever name.
     */
    remove: (name: string): Managed =>
      manage(name, true, (id) => {
        sql.run`DELETE FROM operators WHERE id = ${id}`
        endLinks()
      }),
    /** Whoever is no keeper any more takes all open links along. */
    setRole: (name: string, role: Role): Managed =>
      manage(name, role !== 'keeper', (id) => {
        sql.run`UPDATE operators SET role = ${role} WHERE id = ${id}`
        if (role !== 'keeper') endLinks()
      }),
    /**
     * @param name of the operator; null when the person who opens the link chooses it. New links replace the oldest.
     * @param role of a new operator. The first one is a keeper.
     */
    makeLink: (name: string | null, role: Role, now: number): string =>
      atomically(db, () => {
        const token = tokenOf()
        sql.run`INSERT INTO links (hash, name, role, expires_at) VALUES (${hashOf(token)}, ${name}, ${role}, ${now + OPERATOR_BOUNDS.linkMs})`
        sql.run`DELETE FROM links WHERE hash IN
          (SELECT hash FROM links ORDER BY expires_at DESC, hash LIMIT -1 OFFSET ${OPERATOR_BOUNDS.linksMax})`
        return token
      }),
    readLink,
    /**
     * Sets the password of that name and ends its sessions. The link is used up.
     * - taken: the link names nobody, and the name belongs to someone else. - full: the number of operators is at its bound.
     */
    useLink: (token: string, name: string, passwordHash: string, now: number): 'done' | 'dead' | 'taken' | 'full' =>
      atomically(db, () => {
        const found = readLink(token, now)
        if (found === null || (found.name !== null && foldName(found.name) !== foldName(name))) return 'dead'
        const known = find(name)
        if (known !== null && found.name === null) return 'taken'
        if (known === null) {
          const count = list().length
          if (count >= OPERATOR_BOUNDS.operatorsMax) return 'full'
          sql.run`INSERT INTO operators (name, folded_name, password_hash, role, created_at)
            VALUES (${name}, ${foldName(name)}, ${passwordHash}, ${count === 0 ? 'keeper' : found.role}, ${now})`
        } else {
          sql.run`UPDATE operators SET password_hash = ${passwordHash} WHERE id = ${known.id}`
          // A new password is set because of a stranger or a lost machine: all sessions end, and passkeys are made anew.
          sql.run`DELETE FROM sessions WHERE operator_id = ${known.id}`
          sql.run`DELETE FROM browsers WHERE operator_id = ${known.id}`
          sql.run`DELETE FROM passkeys WHERE operator_id = ${known.id}`
        }
        sql.run`DELETE FROM links WHERE hash = ${hashOf(token)}`
        return 'done'
      }),
    startSession: (operatorId: number, now: number): string =>
      atomically(db, () => {
        const token = tokenOf()
        sql.run`INSERT INTO sessions VALUES (${hashOf(token)}, ${operatorId}, ${now + OPERATOR_BOUNDS.sessionMs})`
        sql.run`DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE operator_id = ${operatorId}
          ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ${OPERATOR_BOUNDS.sessionsPerOperatorMax})`
        return token
      }),
    session(token: string, now: number): { readonly operatorId: number; readonly name: string; readonly role: Role } | null {
      const row = sql.get`SELECT operators.id AS operatorId, operators.name AS name, role FROM sessions JOIN operators ON operators.id = operator_id
        WHERE hash = ${hashOf(token)} AND expires_at > ${now}`
      return (row as { operatorId: number; name: string; role: Role } | undefined) ?? null
    },
    endSession: (token: string): void => void sql.run`DELETE FROM sessions WHERE hash = ${hashOf(token)}`,
    rememberBrowser: (operatorId: number, now: number): string =>
      atomically(db, () => {
        const token = tokenOf()
        sql.run`INSERT INTO browsers VALUES (${hashOf(token)}, ${operatorId}, ${now + OPERATOR_BOUNDS.browserMs})`
        sql.run`DELETE FROM browsers WHERE hash IN (SELECT hash FROM browsers WHERE operator_id = ${operatorId}
          ORDER BY expires_at DESC, rowid DESC LIMIT -1 OFFSET ${OPERATOR_BOUNDS.browsersPerOperatorMax})`
        return token
      }),
    knowsBrowser: (token: string, operatorId: number, now: number): boolean =>
      sql.get`SELECT 1 FROM browsers WHERE hash = ${hashOf(token)} AND operator_id = ${operatorId} AND expires_at > ${now}` !== undefined,
    /** @returns false when the operator has as many as allowed. */
    addPasskey: ({ id, operatorId, publicKey, counter }: Passkey, now: number): boolean =>
      sql.run`INSERT INTO passkeys SELECT ${id}, ${operatorId}, ${publicKey}, ${counter}, ${now}
        WHERE (SELECT count(*) FROM passkeys WHERE operator_id = ${operatorId}) < ${OPERATOR_BOUNDS.passkeysPerOperatorMax}`.changes > 0,
    passkeysOf: (operatorId: number): readonly Passkey[] => passkeys().filter((each) => each.operatorId === operatorId),
    passkey: (id: string): Passkey | null => passkeys().find((each) => each.id === id) ?? null,
    usedPasskey: (id: string, counter: number): void => void sql.run`UPDATE passkeys SET counter = ${counter} WHERE id = ${id}`,
    removePasskeys: (operatorId: number): void => void sql.run`DELETE FROM passkeys WHERE operator_id = ${operatorId}`,
    tidy: (now: number): void =>
      atomically(db, () => {
        sql.run`DELETE FROM links WHERE expires_at <= ${now}`
        sql.run`DELETE FROM sessions WHERE expires_at <= ${now}`
        sql.run`DELETE FROM browsers WHERE expires_at <= ${now}`
      }),
    close: (): void => {
      if (db.isOpen) db.close()
    },
  }
}
