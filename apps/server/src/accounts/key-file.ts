import { randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, link, open, readFile, rename, rm } from 'node:fs/promises'

export const KEY_BYTES = 32

/**
 * A key of 32 random bytes: created at the first start, kept beside the data, readable by its owner only.
 * @param advice what to do when the file holds no key.
 */
export async function loadKeyFile(path: string, advice: string): Promise<Uint8Array> {
  try {
    return decode(await readFile(path, 'utf8'), path, advice)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  // Linked into place: two starts never make two keys.
  const draft = await writeDraft(path, randomBytes(KEY_BYTES))
  try {
    await link(draft, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(draft)
  }
  await chmod(path, 0o600)
  return decode(await readFile(path, 'utf8'), path, advice)
}

/** Keeps a key that came from elsewhere, in place of any other. */
export async function writeKeyFile(path: string, key: Uint8Array): Promise<void> {
  await rename(await writeDraft(path, key), path)
}

/** A temporary file, synced: a crash never leaves half a key. @returns its name. */
async function writeDraft(path: string, key: Uint8Array): Promise<string> {
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  try {
    await file.writeFile(Buffer.from(key).toString('base64url'))
    await file.sync()
    return draft
  } catch (error) {
    await rm(draft)
    throw error
  } finally {
    await file.close()
  }
}

function decode(text: string, path: string, advice: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== KEY_BYTES) throw new Error(`${path} does not hold a key of ${KEY_BYTES} bytes. ${advice}`)
  return key
}
