import { examine } from '../../apps/server/src/doctor/command.ts'
import type { Check, Finding, Installation } from '../../apps/server/src/doctor/finding.ts'

/** An installation about which nothing is known. */
const NOTHING: Installation = {
  server: 'http://127.0.0.1:1',
  data: '.',
  database: null,
  standbys: [],
  patroni: [],
  patroniConfigs: [],
  nats: [],
  natsCredentials: null,
  publicAddresses: [],
  backups: [],
  disks: [],
  now: () => Date.now(),
}

/** What one check finds in a part of an installation, by the names of the findings. */
export async function diagnose(check: Check, part: Partial<Installation>): Promise<ReadonlyMap<string, Finding>> {
  const findings = await examine({ ...NOTHING, ...part }, [check])
  return new Map(findings.map((one) => [one.check, one]))
}

/** Names and levels of all that is not good, in order of their names. */
export function troubles(findings: ReadonlyMap<string, Finding>): readonly string[] {
  return [...findings.values()]
    .filter(({ level }) => level !== 'good')
    .map(({ check, level }) => `${level} ${check}`)
    .toSorted()
}
