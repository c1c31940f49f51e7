import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs the tests need which npm does not bring, and the Debian package of each. */
const NEEDED = [
  { programs: ['chromium', 'chromium-browser', 'google-chrome'], debianPackage: 'chromium', neededFor: 'tests in a real browser', browser: true },
  { programs: ['rsync'], debianPackage: 'rsync', neededFor: 'tests of copying the status page to another machine', browser: false },
] as const

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

function missing(): (typeof NEEDED)[number][] {
  return NEEDED.filter((need) => !need.programs.some(onPath))
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
 * @returns a sentence for each thing that is still missing and without which no browser test can run; the other tests say so themselves.
 */
export function ensureSystemPackages(): string[] {
  const absent = missing()
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (absent.length > 0 && mayInstall) install(absent.map((need) => need.debianPackage))
  return missing()
    .filter(({ browser }) => browser)
    .map((need) => `${need.programs[0]} is missing (${need.neededFor}): apt-get install ${need.debianPackage}`)
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'bench') process.exitCode = install(BENCH_PACKAGES) ? 0 : 1
  else console.log('node tools/run.js tools/system-packages.ts bench   installs what `npm run bench -- peers` and `idle` measure beside Bongsu')
}
