import { createHash } from 'node:crypto'

/** Most marks in a hash. A thousand entries could have millions. */
export const AUDIT_MARKS_MAX = 20_000

/** Bytes of one entry in a hash: seq and id. */
const entryBytes = 24
const idBytes = 16

/** The hash of `count` entries from a seq on, of which these are the ids; null when there are fewer ids [A1]. */
export function hashOfStretch(from: number, count: number, ids: Uint8Array): string | null {
  if (ids.length !== count * idBytes) return null
  const running = createRunningHash(count)
  for (let index = 0; index < count; index++) running.add(from + index, ids.subarray(idBytes * index, idBytes * (index + 1)))
  return running.end()
}

/** The hash of the marks with these rising change numbers, as defined for the frame `audit` [A1]. */
export function hashOfChanges(changes: readonly number[]): string {
  const buffer = Buffer.alloc(8 * changes.length)
  changes.forEach((change, index) => buffer.writeBigUInt64BE(BigInt(change), 8 * index))
  return createHash('sha256').update(buffer).digest('hex')
}

/** The hash of consecutive entries, as defined for the frame `audit` [A1]. @param gathered entries hashed at once. */
export function createRunningHash(gathered: number): { add(seq: number, id: Uint8Array): void; end(): string } {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(gathered * entryBytes)
  let at = 0
  return {
    add(seq, id) {
      // Two halves, because a BigInt costs ten times as much.
      buffer.writeUInt32BE(Math.floor(seq / 2 ** 32), at)
      buffer.writeUInt32BE(seq % 2 ** 32, at + 4)
      buffer.set(id, at + 8)
      at += entryBytes
      if (at < buffer.length) return
      hash.update(buffer)
      at = 0
    },
    end: () => hash.update(buffer.subarray(0, at)).digest('hex'),
  }
}
