import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Unpacks a package of the npm registry into a folder. npm checks its hash against the registry's.
 * @param integrity what the lock file says, when the package is in it; another hash stops the release
 */
export function fetchPackage(name: string, version: string, into: string, integrity: string | null): void {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-package-'))
  try {
    const args = ['pack', `${name}@${version}`, '--json', '--prefer-offline', '--ignore-scripts', '--pack-destination', folder]
    const packed = spawnSync('npm', args, { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    if (packed.status !== 0) throw new Error(`npm could not fetch ${name} ${version}: ${packed.stderr.trim()}`)
    const answer = JSON.parse(packed.stdout) as readonly Packed[] | Readonly<Record<string, Packed>>
    const [fetched] = Array.isArray(answer) ? (answer as readonly Packed[]) : Object.values(answer as Readonly<Record<string, Packed>>)
    if (fetched === undefined) throw new Error(`npm did not say what it fetched for ${name} ${version}.`)
    if (integrity !== null && fetched.integrity !== integrity)
      throw new Error(`${name} ${version} has the hash ${fetched.integrity}, and package-lock.json says ${integrity}.`)
    mkdirSync(into, { recursive: true })
    const unpacked = spawnSync('tar', ['-xzf', join(folder, fetched.filename), '-C', into, '--strip-components=1'], { encoding: 'utf8' })
    if (unpacked.status !== 0) throw new Error(`${name} ${version} could not be unpacked: ${unpacked.stderr.trim()}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Packed {
  readonly filename: string
  readonly integrity: string
}
