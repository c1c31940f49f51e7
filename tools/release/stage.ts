import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { ROOT } from '../files.ts'
import { fetchPackage } from './fetch-package.ts'
import { noticesOf, thirdParty, type ThirdParty } from './licences.ts'
import { productionOf, type InstalledPackage, type Lock, type Production, type Target } from './lock.ts'
import { sbomOf, type Component } from './sbom.ts'

/** The programs of a release. What they need comes along by package-lock.json. */
const PROGRAMS = ['apps/server', 'apps/sentinel']
/** Documents and examples, as they lie in the sources. */
const DOCUMENTS = [
  'LICENSE',
  'deploy',
  '.env.example',
  '.env.sentinel.example',
  'docs/guide',
  'docs/runbooks',
  'docs/adr',
  'docs/notes',
  'docs/pictures',
  'docs/plots',
]
/** Of a package of others, what no program reads: declarations of types and maps to sources that are not there. */
const UNREAD = /\.(?:d\.[cm]?ts|map)$/
const TESTS = /\.test\.tsx?$/

export interface Release {
  readonly version: string
  readonly target: Target
  /** Of the Node.js inside. */
  readonly nodeVersion: string
  /** Time of every file, in seconds since 1970. */
  readonly madeAt: number
}

/** Puts everything that is in a release into an empty folder. */
export function stageRelease(folder: string, release: Release): void {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  const production = productionOf(lock, PROGRAMS, release.target)
  stagePrograms(folder, production)
  for (const part of production.packages) stagePackage(join(folder, part.folder), part)
  stageTypeface(folder)
  stageNode(join(folder, 'node'), release)
  stageDocuments(folder)
  stageLauncher(folder, release)
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ name: 'bongsu', version: release.version, private: true, license: 'Apache-2.0', type: 'module' }, null, 2)}\n`,
  )

  const others = production.packages.map(({ name, version, licence, folder: path }) => thirdParty(name, version, licence, join(folder, path)))
  const bundled = bundledInSite(lock)
  writeFileSync(join(folder, 'NOTICES.txt'), noticesOf([...others, ...bundled]))
  writeFileSync(join(folder, 'sbom.cdx.json'), sbomOf(...materials(release, production, bundled, lock)))
}

/** Node runs the sources as they are, so they are what is shipped; only the web app is built. */
function stagePrograms(folder: string, { workspaces }: Production): void {
  for (const workspace of workspaces) {
    const { name } = JSON.parse(readFileSync(join(ROOT, workspace, 'package.json'), 'utf8')) as { name: string }
    mkdirSync(join(folder, workspace), { recursive: true })
    copyFileSync(join(ROOT, workspace, 'package.json'), join(folder, workspace, 'package.json'))
    cpSync(join(ROOT, workspace, 'src'), join(folder, workspace, 'src'), { recursive: true, filter: (path) => !TESTS.test(path) })
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(relative(dirname(link), join(folder, workspace)), link)
  }
  cpSync(join(ROOT, 'apps/web/dist'), join(folder, 'apps/web/dist'), { recursive: true })
}

/** The sentinel's pages need the typeface in parts by letters, and nothing else of its package of 98 MB. The site's notices name it. */
function stageTypeface(folder: string): void {
  const part = 'node_modules/pretendard/dist/web/variable'
  for (const path of ['woff2-dynamic-subset', 'pretendardvariable-dynamic-subset.css'])
    cpSync(join(ROOT, part, path), join(folder, part, path), { recursive: true })
  for (const path of ['package.json', 'dist/LICENSE.txt'])
    copyFileSync(join(ROOT, 'node_modules/pretendard', path), join(folder, 'node_modules/pretendard', path))
}

/** A package is copied from where npm installed it. What is for another kind of machine is not installed here, so it is fetched. */
function stagePackage(into: string, { name, version, folder, integrity }: InstalledPackage): void {
  const installed = join(ROOT, folder)
  if (!existsSync(installed)) fetchPackage(name, version, into, integrity)
  else cpSync(installed, into, { recursive: true, filter: (path) => basename(path) !== 'node_modules' && !UNREAD.test(path) })
}

function stageNode(into: string, { nodeVersion, target }: Release): void {
  fetchPackage(nodePackage(target), nodeVersion, into, null)
  for (const name of readdirSync(into)) if (name !== 'bin' && name !== 'LICENSE') rmSync(join(into, name), { recursive: true })
  for (const name of readdirSync(join(into, 'bin'))) if (name !== 'node') rmSync(join(into, 'bin', name))
}

function nodePackage({ os, cpu }: Target): string {
  return `node-${os}-${cpu}`
}

function stageDocuments(folder: string): void {
  const pages = readdirSync(ROOT).filter((name) => name.endsWith('.md'))
  for (const path of [...DOCUMENTS, ...pages]) {
    if (!existsSync(join(ROOT, path))) continue
    cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: (file) => !TESTS.test(file) })
  }
}

function stageLauncher(folder: string, { version, target, nodeVersion }: Release): void {
  const words = { NEEDED: nodeVersion.split('.')[0] ?? '', TARGET: `${target.os} with ${target.libc} on ${target.cpu}`, VERSION: version }
  const text = readFileSync(join(import.meta.dirname, 'bongsu.sh'), 'utf8')
  const launcher = join(folder, 'bin/bongsu')
  mkdirSync(dirname(launcher))
  writeFileSync(
    launcher,
    text.replaceAll(/@([A-Z]+)@/g, (_, word: string) => words[word as keyof typeof words]),
  )
  chmodSync(launcher, 0o755)
}

interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly identifier: string
}

/** What the web app has of others inside: what its bundler wrote down, and the parts of its service worker, which is bundled apart. */
function bundledInSite(lock: Lock): ThirdParty[] {
  const site = join(ROOT, 'apps/web/dist')
  const listed = JSON.parse(readFileSync(join(site, 'third-party.json'), 'utf8')) as readonly BundledPackage[]
  const worker = [...readFileSync(join(site, 'sw.js'), 'utf8').matchAll(/workbox:([a-z-]+):[\d.]+/g)].map((match) => `workbox-${match[1]}`)
  if (listed.length === 0 || worker.length === 0) throw new Error('The web app does not say what it is made of. Build it again.')
  const inWorker = [...new Set(worker)].toSorted().map((name): BundledPackage => {
    const { version = '', license = '' } = lock.packages[`node_modules/${name}`] ?? {}
    return { name, version, identifier: license }
  })
  return [...listed, ...inWorker].map(({ name, version, identifier }) => thirdParty(name, version, identifier, join(ROOT, 'node_modules', name)))
}

function materials(release: Release, production: Production, bundled: readonly ThirdParty[], lock: Lock): Parameters<typeof sbomOf> {
  const node: Component = { name: 'node', version: release.nodeVersion, licence: 'MIT', integrity: null, needs: [], ref: 'node', kind: 'platform' }
  const installed = production.packages.map((part): Component => ({ ...part, ref: part.folder, kind: 'library' }))
  const inSite = bundled.map(({ name, version, licence }): Component => ({
    name,
    version,
    licence,
    integrity: lock.packages[`node_modules/${name}`]?.integrity ?? null,
    needs: [],
    ref: `apps/web/dist:${name}`,
    kind: 'library',
  }))
  const reached = new Set(production.packages.flatMap(({ needs }) => needs))
  const first = [...installed.filter(({ ref }) => !reached.has(ref)), ...inSite, node].map(({ ref }) => ref)
  return [{ version: release.version, madeAt: release.madeAt, needs: first }, [...installed, ...inSite, node]]
}
