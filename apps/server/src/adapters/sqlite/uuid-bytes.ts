import assert from 'node:assert/strict'

/** The 16 bytes of a UUID. Entry ids are stored this way because the unique index holds all of them for ever [M2]. */
export function uuidToBytes(uuid: string): Uint8Array {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  assert(uuid.length === 36 && bytes.length === 16, 'an id is a UUID')
  return bytes
}

export function bytesToUuid(bytes: Uint8Array): string {
  assert(bytes.length === 16, 'an id is 16 bytes')
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
