import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const KEY_BYTES = 32

/** The key that signs tokens: made at the first start, kept beside the data, readable by its owner only. */
export async function loadTokenKey(directory: string): Promise<Uint8Array> {
  const path = join(directory, 'token.key')
  try {
    return decode(await readFile(path, 'utf8'), path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  // Written aside, synced and linked into place, so that a crash never leaves half a key, and two starts never make two.
  const draft = `${path}.${process.pid}`
  const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  try {
    await file.writeFile(randomBytes(KEY_BYTES).toString('base64url'))
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(draft)
  }
  await chmod(path, 0o600)
  return decode(await readFile(path, 'utf8'), path)
}

function decode(text: string, path: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== KEY_BYTES)
    throw new Error(`${path} does not hold a key of ${KEY_BYTES} bytes. Put it back from a backup; without it every device must sign in again.`)
  return key
}
