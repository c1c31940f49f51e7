import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Files } from './render.ts'

/** List of our own files, so that files of others are never removed. The name is hidden, so no target copies it. */
export const MANIFEST = '.bongsu-files.json'

type Manifest = Map<string, string>

/**
 * Makes a folder hold these files. Each file appears whole or not at all: it is written beside its place and renamed. Only changed files are written.
 * Nothing is flushed to the disk: after a power cut everything is made anew. One call at a time for each folder.
 */
export async function writeFolder(folder: string, files: Files) {
  const manifest = await readManifest(folder)
  const written: string[] = []
  const removed: string[] = []
  /** Files that could not be written, and why. The previous version is still there. */
  const failed: { path: string; cause: unknown }[] = []
  await mkdir(folder, { recursive: true })
  for (const [path, { body, hash }] of files) {
    // Paths come from ids in a record. A path that leaves the folder would be a serious bug.
    if (!isPlain(path)) throw new Error(`${JSON.stringify(path)} is no path of a published file.`)
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
    // People have links to incident pages, so these pages stay although they are not rendered any more.
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

function isPlain(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9][\w.-]*$/.test(part))
}

/** -1 when the file does not exist: someone may have cleaned up. */
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

/** The files written earlier. With an unreadable list, everything is written again and nothing is removed. */
async function readManifest(folder: string): Promise<Manifest> {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))
    if (typeof read !== 'object' || read === null) return new Map()
    const entries = Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    return new Map(entries.filter(([path]) => isPlain(path)))
  } catch (cause) {
    if (cause instanceof SyntaxError || isMissing(cause)) return new Map()
    throw cause
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
