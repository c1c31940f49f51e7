import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What some tests cannot run without. */
export type Need = 'browser' | 'python'

interface Needed {
  readonly debianPackage: string
  readonly neededFor: string
  /** Null: the tests say so themselves. */
  readonly need: Need | null
  isThere(): boolean
}

/** What the tests need and npm does not bring, and the Debian package of each. */
const NEEDED: readonly Needed[] = [
  {
    debianPackage: 'chromium',
    neededFor: 'tests in a real browser',
    need: 'browser',
    isThere: () => ['chromium', 'chromium-browser', 'google-chrome'].some(onPath),
  },
  { debianPackage: 'rsync', neededFor: 'tests of copying the status page to another machine', need: null, isThere: () => onPath('rsync') },
  {
    debianPackage: 'python3-websockets',
    neededFor: 'tests of the client in Python',
    need: 'python',
    isThere: () => spawnSync(PYTHON, ['-c', 'import websockets']).status === 0,
  },
]

/** Debian's packages for Python are for Debian's Python. */
export const PYTHON = '/usr/bin/python3'

/**
 * What `npm run bench -- peers` and `idle` measure beside Bongsu. Where one is missing they leave it out and say so; no test needs them.
 * `node tools/run.js tools/system-packages.ts bench` installs them.
 */
const BENCH_PACKAGES = ['ejabberd', 'erlang-p1-pgsql', 'prosody', 'mosquitto', 'postgresql'] as const

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function missing(): readonly Needed[] {
  return NEEDED.filter((needed) => !needed.isThere())
}

function install(debianPackages: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (args: readonly string[]): boolean => spawnSync('apt-get', args, { stdio: 'inherit', env }).status === 0
  const options = ['install', '--yes', '--no-install-recommends', ...debianPackages]
  // The package lists may be old or empty; they are fetched only when the first try fails.
  return run(options) || (run(['update']) && run(options))
}

/**
 * Makes sure that Debian's packages for the tests are there; as root it installs what is missing.
 * @returns a sentence for each need that is still not met.
 */
export function ensureSystemPackages(): ReadonlyMap<Need, string> {
  const absent = missing()
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (absent.length > 0 && mayInstall) install(absent.map(({ debianPackage }) => debianPackage))
  return new Map(
    missing().flatMap(({ need, neededFor, debianPackage }) =>
      need === null ? [] : [[need, `${debianPackage} is missing (${neededFor}): apt-get install ${debianPackage}`]],
    ),
  )
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'bench') process.exitCode = install(BENCH_PACKAGES) ? 0 : 1
  else console.log('node tools/run.js tools/system-packages.ts bench   installs what `npm run bench -- peers` and `idle` measure beside Bongsu')
}
