import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROFILES, type Profile } from '../vocabulary/observation.ts'
import { isText, isWhole, readObject } from './ask.ts'

/** The account of one canary, and its single device. */
export interface CanaryAccount {
  readonly handle: string
  readonly password: string
  readonly accountId: string
  readonly deviceId: string
  readonly token: string
}

/** The accounts created so far for one pair, and their conversation once it is open. */
export interface PairCredentials {
  readonly accounts: readonly CanaryAccount[]
  readonly conversationId: string | null
}

export interface Credentials {
  /** Numbers of the next start's tries lie above this. */
  readonly tries: number
  readonly pairs: Readonly<Partial<Record<Profile, PairCredentials>>>
}

const FILE = 'canaries.json'

/**
 * The canaries' passwords, in a file that only the sentinel's user can read. A new version is written beside the file and renamed over it, so that a
 * crash leaves the old version.
 */
export function openCredentialsFile(directory: string) {
  const path = join(directory, FILE)
  return {
    /** Parts of the wrong shape count as missing. @throws when the file exists and cannot be read. */
    read(): Credentials {
      try {
        return credentialsIn(readFileSync(path, 'utf8'))
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { tries: 0, pairs: {} }
        throw cause
      }
    },
    /** Durable when it returns. @throws when the disk is full or the folder is gone. */
    write(credentials: Credentials): void {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const beside = `${path}.new`
      const file = openSync(beside, 'w', 0o600)
      try {
        // A file left behind by a crash keeps its own mode.
        fchmodSync(file, 0o600)
        writeFileSync(file, `${JSON.stringify(credentials, null, 2)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(beside, path)
      const folder = openSync(directory, 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}

function credentialsIn(text: string): Credentials {
  const told = readObject(text) ?? {}
  const pairs = objectOf(told['pairs'])
  const read = PROFILES.flatMap((profile) => {
    const pair = pairOf(pairs[profile])
    return pair === null ? [] : [[profile, pair] as const]
  })
  return { tries: isWhole(told['tries']) ? told['tries'] : 0, pairs: Object.fromEntries(read) }
}

function pairOf(value: unknown): PairCredentials | null {
  const { accounts, conversationId } = objectOf(value)
  if (!Array.isArray(accounts) || accounts.length > 2 || !accounts.every(isAccount)) return null
  return { accounts, conversationId: isText(conversationId, 36, 36) ? conversationId : null }
}

function isAccount(value: unknown): value is CanaryAccount {
  const { handle, password, accountId, deviceId, token } = objectOf(value)
  return isText(handle, 1, 64) && isText(password, 1, 1_000) && isText(accountId, 36, 36) && isText(deviceId, 36, 36) && isText(token, 1, 4_096)
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
