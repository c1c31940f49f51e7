import { randomBytes, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'

const KEY_BYTES = 32

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
  // Written to a temporary file, synced and linked into place: a crash never leaves half a key, and two starts never make two.
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
  try {
    try {
      await file.writeFile(randomBytes(KEY_BYTES).toString('base64url'))
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  } finally {
    await rm(draft)
  }
  await chmod(path, 0o600)
  return decode(await readFile(path, 'utf8'), path, advice)
}

function decode(text: string, path: string, advice: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length !== KEY_BYTES) throw new Error(`${path} does not hold a key of ${KEY_BYTES} bytes. ${advice}`)
  return key
}
