import assert from 'node:assert/strict'
import { test } from 'node:test'
import { productionOf, type Lock, type LockEntry, type Target } from './lock.ts'

const target: Target = { os: 'linux', cpu: 'x64', libc: 'glibc' }
const entry = (more: LockEntry = {}): LockEntry => ({ version: '1.0.0', integrity: 'sha512-AA==', license: 'MIT', ...more })
const lock: Lock = {
  packages: {
    'apps/server': { dependencies: { '@bongsu/protocol': '0.1.0', a: '^1' }, license: 'Apache-2.0' },
    'packages/protocol': { dependencies: { c: '^1' } },
    'node_modules/@bongsu/protocol': { resolved: 'packages/protocol', link: true },
    'node_modules/a': entry({
      dependencies: { b: '^2' },
      optionalDependencies: { 'a-arm': '1', 'a-x64': '1' },
      peerDependencies: { d: '*', e: '*' },
      peerDependenciesMeta: { d: { optional: true } },
    }),
    'node_modules/a/node_modules/b': entry({ version: '2.0.0' }),
    'node_modules/a-arm': entry({ os: ['linux'], cpu: ['arm64'] }),
    'node_modules/a-x64': entry({ os: ['linux'], cpu: ['x64'], libc: ['glibc'] }),
    'node_modules/b': entry(),
    'node_modules/c': entry(),
    'node_modules/d': entry(),
    'node_modules/e': entry(),
    'node_modules/vite': entry(),
  },
}

test('[O7] a release holds what the programs reach, each where Node finds it, and nothing else', () => {
  const { workspaces, packages } = productionOf(lock, ['apps/server'], target)
  assert.deepEqual(workspaces, ['apps/server', 'packages/protocol'])
  assert.deepEqual(
    packages.map(({ folder, version }) => `${folder} ${version}`),
    ['node_modules/a 1.0.0', 'node_modules/a-x64 1.0.0', 'node_modules/a/node_modules/b 2.0.0', 'node_modules/c 1.0.0', 'node_modules/e 1.0.0'],
  )
  assert.deepEqual(packages[0]?.needs, ['node_modules/a-x64', 'node_modules/a/node_modules/b', 'node_modules/e'])
  const other = productionOf(lock, ['apps/server'], { ...target, cpu: 'arm64' })
  assert.ok(other.packages.some(({ name }) => name === 'a-arm') && !other.packages.some(({ name }) => name === 'a-x64'))
})

test('[O7] a lock file that lacks a package, a hash or a licence stops the release', () => {
  const without = (folder: string, more?: LockEntry): Lock => ({ packages: { ...lock.packages, [folder]: more as LockEntry } })
  assert.throws(() => productionOf(without('node_modules/c'), ['apps/server'], target), /lacks c, which packages\/protocol needs/)
  assert.throws(
    () => productionOf(without('node_modules/c', { version: '1.0.0', license: 'MIT' }), ['apps/server'], target),
    /neither version nor hash of c/,
  )
  assert.throws(
    () => productionOf(without('node_modules/c', { version: '1.0.0', integrity: 'sha512-AA==' }), ['apps/server'], target),
    /c names no licence/,
  )
})
