/** One entry of package-lock.json, as far as a release reads it. */
export interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  /** Only with `link`: the folder of a workspace. */
  readonly resolved?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** The machine that a release is for. */
export interface Target {
  readonly os: 'linux'
  readonly cpu: 'x64' | 'arm64'
  readonly libc: 'glibc'
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  /** Its folder from the root, which is its key in the lock file. */
  readonly folder: string
  readonly integrity: string
  /** SPDX identifier. */
  readonly licence: string
  /** Folders of the packages that it needs, sorted. */
  readonly needs: readonly string[]
}

export interface Production {
  /** Folders of the workspaces, sorted. */
  readonly workspaces: readonly string[]
  /** Sorted by folder. */
  readonly packages: readonly InstalledPackage[]
}

/** Everything that these workspaces need at run time on the target, by the lock file: other workspaces, packages, and what those need. */
export function productionOf(lock: Lock, workspaces: readonly string[], target: Target): Production {
  const seen = new Set<string>()
  const members = new Set<string>()
  const packages: InstalledPackage[] = []
  const waiting = [...workspaces]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue
    seen.add(folder)
    const entry = entryOf(lock, folder)
    const needs = neededBy(lock, folder, target)
    waiting.push(...needs)
    if (!folder.includes('node_modules/')) members.add(folder)
    else packages.push({ ...named(folder, entry), folder, needs: needs.toSorted() })
  }
  return { workspaces: [...members].toSorted(), packages: packages.toSorted((one, other) => (one.folder < other.folder ? -1 : 1)) }
}

function entryOf(lock: Lock, folder: string): LockEntry {
  const entry = lock.packages[folder]
  if (entry === undefined) throw new Error(`package-lock.json has no ${folder}. Run npm install.`)
  return entry
}

function named(folder: string, { version, integrity, license }: LockEntry): Pick<InstalledPackage, 'name' | 'version' | 'integrity' | 'licence'> {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
  if (version === undefined || integrity === undefined) throw new Error(`package-lock.json says neither version nor hash of ${name}.`)
  if (license === undefined) throw new Error(`${name} names no licence; nobody may be given it.`)
  return { name, version, integrity, licence: license }
}

function neededBy(lock: Lock, folder: string, target: Target): string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = entryOf(lock, folder)
  const needs: string[] = []
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    const mayLack = name in optionalDependencies || peerDependenciesMeta[name]?.optional === true
    const found = find(lock, folder, name)
    if (found === null && !mayLack) throw new Error(`package-lock.json lacks ${name}, which ${folder} needs. Run npm install.`)
    // An optional peer that is there is there for somebody else.
    if (found !== null && !(name in peerDependencies && mayLack) && fits(entryOf(lock, found), target)) needs.push(found)
  }
  return needs
}

/** Where Node.js finds a package for code in a folder: in its node_modules, or in that of a folder above. A workspace is found where it is. */
function find(lock: Lock, from: string, name: string): string | null {
  const steps = from.split('/')
  for (let length = steps.length; length >= 0; length--) {
    const folder = [...steps.slice(0, length), 'node_modules', name].join('/')
    const entry = lock.packages[folder]
    if (entry !== undefined) return entry.link === true ? (entry.resolved ?? null) : folder
  }
  return null
}

function fits({ os, cpu, libc }: LockEntry, target: Target): boolean {
  return (
    (os === undefined || os.includes(target.os)) &&
    (cpu === undefined || cpu.includes(target.cpu)) &&
    (libc === undefined || libc.includes(target.libc))
  )
}
