import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Need {
  /** Any of these is enough. */
  readonly programs: readonly string[]
  /** Of a library, which is no program: a file that is there with it, and is enough too. */
  readonly file?: string
  readonly debianPackage: string
  readonly neededFor: string
  /** The package or the file of ours whose importers cannot run without it; null for those that say so themselves. */
  readonly importedAs: string | null
}

/** Programs the tests need which npm does not bring, and the Debian package of each. */
const NEEDED: readonly Need[] = [
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    neededFor: 'tests in Chromium',
    importedAs: 'playwright-core',
  },
  { programs: ['firefox-esr'], debianPackage: 'firefox-esr', neededFor: 'tests in Firefox', importedAs: 'tests/e2e/engines/firefox.ts' },
  { programs: ['WebKitWebDriver'], debianPackage: 'webkit2gtk-driver', neededFor: 'tests in WebKit', importedAs: 'tests/e2e/engines/webkit.ts' },
  { programs: ['Xvfb'], debianPackage: 'xvfb', neededFor: 'tests in WebKit', importedAs: 'tests/e2e/engines/webkit.ts' },
  {
    programs: ['websockets for Python'],
    file: '/usr/lib/python3/dist-packages/websockets/__init__.py',
    debianPackage: 'python3-websockets',
    neededFor: 'tests of the client in Python',
    importedAs: 'tests/e2e/python.ts',
  },
  {
    programs: ['PostgreSQL'],
    file: '/usr/lib/postgresql',
    debianPackage: 'postgresql',
    neededFor: 'tests of the store in PostgreSQL',
    importedAs: 'tests/contract/postgres-server.ts',
  },
  {
    programs: ['nats-server'],
    debianPackage: 'nats-server',
    neededFor: 'tests of several server processes',
    importedAs: 'tests/e2e/nats-server.ts',
  },
  ...['etcd', 'patroni'].map((program) => ({
    programs: [program],
    debianPackage: program === 'etcd' ? 'etcd-server' : program,
    neededFor: 'tests with Patroni',
    importedAs: 'tests/e2e/patroni.ts',
  })),
  ...['haproxy', 'docker-compose', 'systemd-analyze'].map((program) => ({
    programs: [program],
    debianPackage: program === 'systemd-analyze' ? 'systemd' : program,
    neededFor: 'tests of the examples in deploy/',
    importedAs: 'tests/e2e/deploy.e2e.ts',
  })),
  // Helm itself is not in Debian. Its templates are Go's.
  ...(
    [
      ['go', undefined, 'golang-go'],
      ['sprig for Go', '/usr/share/gocode/src/github.com/Masterminds/sprig', 'golang-github-masterminds-sprig-dev'],
      ['YAML for Go', '/usr/share/gocode/src/gopkg.in/yaml.v3', 'golang-gopkg-yaml.v3-dev'],
    ] as const
  ).map(([program, file, debianPackage]) => ({
    programs: [program],
    ...(file === undefined ? {} : { file }),
    debianPackage,
    neededFor: 'tests of the Helm chart',
    importedAs: 'tests/helm/render.ts',
  })),
  { programs: ['openssl'], debianPackage: 'openssl', neededFor: 'tests with a certificate', importedAs: 'tests/e2e/doctor.ts' },
  { programs: ['rsync'], debianPackage: 'rsync', neededFor: 'tests of copying the status page to another machine', importedAs: null },
]

/** Something that is missing, and whose tests cannot run. */
export interface Missing {
  readonly importedAs: string
  readonly sentence: string
}

/**
 * What `npm run bench -- peers` and `idle` measure beside Bongsu. Where one is missing they leave it out and say so; no test needs them.
 * `node tools/run.js tools/system-packages.ts bench` installs them.
 */
const BENCH_PACKAGES = ['ejabberd', 'erlang-p1-pgsql', 'prosody', 'mosquitto', 'postgresql', 'nats-server'] as const

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

function missing(): readonly Need[] {
  return NEEDED.filter(({ programs, file }) => !programs.some(onPath) && (file === undefined || !existsSync(file)))
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
 * @param isImported whether a test that is to run imports the package or the file.
 * @returns what is still missing, as far as the tests that need it do not say so themselves.
 */
export function ensureSystemPackages(isImported: (importedAs: string) => boolean): readonly Missing[] {
  const absent = missing().filter(({ importedAs }) => importedAs === null || isImported(importedAs))
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (absent.length > 0 && mayInstall) install(absent.map((need) => need.debianPackage))
  return missing().flatMap(({ importedAs, programs, neededFor, debianPackage }) =>
    importedAs === null ? [] : [{ importedAs, sentence: `${programs[0]} is missing (${neededFor}): apt-get install ${debianPackage}` }],
  )
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'bench') process.exitCode = install(BENCH_PACKAGES) ? 0 : 1
  else console.log('node tools/run.js tools/system-packages.ts bench   installs what `npm run bench -- peers` and `idle` measure beside Bongsu')
}
