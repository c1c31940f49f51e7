/** Good: as it should be. Warning: one failure away from a fault, or not to be seen from here. Fault: something could be lost, or does not work now. */
export type Level = 'good' | 'warning' | 'fault'

/** What one look showed. */
export interface Finding {
  /** Area and subject, such as `postgres/fsync`. */
  readonly check: string
  readonly level: Level
  readonly what: string
  /** What could be lost or stand still by it. Empty when it is good. */
  readonly risk: string
  /** What to do. Empty when it is good. */
  readonly todo: string
}

/** What is known about an installation: its settings, and what the operator named. */
export interface Installation {
  /** Address of the server on this machine. */
  readonly server: string
  /** The data folder. */
  readonly data: string
  /** Address of PostgreSQL; null: SQLite. */
  readonly database: string | null
  /** Addresses of standbys of PostgreSQL. */
  readonly standbys: readonly string[]
  /** Addresses of Patroni's REST API. One is enough for a cluster. */
  readonly patroni: readonly string[]
  /** Files with the settings of nodes of Patroni. */
  readonly patroniConfigs: readonly string[]
  readonly nats: readonly string[]
  /** Secret for NATS: user:password, or a token. */
  readonly natsCredentials: string | null
  /** Public addresses. Those with `https://` have a certificate. */
  readonly publicAddresses: readonly string[]
  /** Files, or folders of files. */
  readonly backups: readonly string[]
  /** Further folders whose disks are looked at. */
  readonly disks: readonly string[]
  /** Epoch ms by the clock of this machine. */
  readonly now: () => number
}

/** One area of checks. It answers with nothing where it does not apply. */
export interface Check {
  readonly area: string
  readonly look: (installation: Installation) => Promise<readonly Finding[]>
}

export const good = (check: string, what: string): Finding => ({ check, level: 'good', what, risk: '', todo: '' })
export const warning = (check: string, what: string, risk: string, todo: string): Finding => ({ check, level: 'warning', what, risk, todo })
export const fault = (check: string, what: string, risk: string, todo: string): Finding => ({ check, level: 'fault', what, risk, todo })

/** A finding whose wording of what was seen is the same in both cases. */
export function judged(isGood: boolean, finding: Finding): Finding {
  return isGood ? good(finding.check, finding.what) : finding
}
