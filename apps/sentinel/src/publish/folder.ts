import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Files } from './render.ts'

/** Remembers what we made, so that nothing of anybody else's is ever removed. Hidden: no target sends it on. */
export const MANIFEST = '.bongsu-files.json'

export interface FolderResult {
  readonly written: readonly string[]
  readonly removed: readonly string[]
  /** What could not be written, and why; the file that was there before still stands. */
  readonly failed: readonly { readonly path: string; readonly cause: unknown }[]
}

type Manifest = Map<string, string>

/**
 * Makes a folder hold these files. Each appears whole or not at all: it is written beside its place and moved there. Only what has changed is
 * written. Not flushed to the disk: after a power cut everything is made anew. One call at a time for a folder.
 */
export async function writeFolder(folder: string, files: Files): Promise<FolderResult> {
  const manifest = await readManifest(folder)
  const written: string[] = []
  const removed: string[] = []
  const failed: { path: string; cause: unknown }[] = []
  await mkdir(folder, { recursive: true })
  for (const [path, { body, hash }] of files) {
    assertPlain(path)
    try {
      if (manifest.get(path) === hash && (await sizeOf(join(folder, path))) === body.byteLength) continue
      await replaceFile(join(folder, path), body)
      manifest.set(path, hash)
      written.push(path)
    } catch (cause) {
      failed.push({ path, cause })
    }
  }
  for (const path of manifest.keys()) {
    // Addresses of incidents were given to people: they stay, although nobody makes them anew.
    if (files.has(path) || /(?:^|\/)incidents\/[^/]+\.html$/.test(path)) continue
    try {
      await rm(join(folder, path), { force: true })
      manifest.delete(path)
      removed.push(path)
    } catch (cause) {
      failed.push({ path, cause })
    }
  }
  if (written.length > 0 || removed.length > 0) {
    try {
      await replaceFile(join(folder, MANIFEST), new TextEncoder().encode(JSON.stringify(Object.fromEntries(manifest))))
    } catch (cause) {
      failed.push({ path: MANIFEST, cause })
    }
  }
  return { written, removed, failed }
}

/** Paths come from ids in a record; a path that leaves the folder would be a bug of ours, and a bad one. */
function assertPlain(path: string): void {
  const plain = path.split('/').every((part) => /^[A-Za-z0-9][\w.-]*$/.test(part))
  if (!plain) throw new Error(`${JSON.stringify(path)} is no path of a published file.`)
}

/** -1 when there is no such file: somebody may have tidied up. */
async function sizeOf(place: string): Promise<number> {
  const found = await stat(place).catch((cause: unknown) => {
    if (isMissing(cause)) return null
    throw cause
  })
  return found?.size ?? -1
}

async function replaceFile(place: string, body: Uint8Array): Promise<void> {
  await mkdir(dirname(place), { recursive: true })
  const beside = join(dirname(place), `.bongsu-${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeFile(beside, body, { flag: 'wx' })
    await rename(beside, place)
  } catch (cause) {
    await unlink(beside).catch(() => undefined)
    throw cause
  }
}

/** What was written by us, as far as it is known: a manifest that cannot be read means that everything is written again, and nothing removed. */
async function readManifest(folder: string): Promise<Manifest> {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))
    if (typeof read !== 'object' || read === null) return new Map()
    const entries = Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    return new Map(entries.filter(([path]) => path.split('/').every((part) => /^[A-Za-z0-9][\w.-]*$/.test(part))))
  } catch (cause) {
    if (cause instanceof SyntaxError || isMissing(cause)) return new Map()
    throw cause
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
