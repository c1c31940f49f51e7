import { createHash } from 'node:crypto'
import type { Line } from './wire-log.ts'

/** @param named `seq=id` of each entry, separated by commas. */
export function hashOf(named: string): string {
  const hash = createHash('sha256')
  for (const one of named.split(',')) {
    const [seq = '', id = ''] = one.split('=')
    const place = Buffer.alloc(8)
    place.writeBigUInt64BE(BigInt(seq))
    hash.update(place).update(Buffer.from(id.replaceAll('-', ''), 'hex'))
  }
  return hash.digest('hex')
}

const ARROWS = { device: '→ ', server: '← ', narrator: '  # ' } as const

/** Values that differ in each run, replaced in the order in which they appear. */
export function normalise(made: readonly (readonly [string, readonly Line[]])[]): (readonly [string, string])[] {
  const seen = new Map<string, string>()
  const counts = { id: 0, time: 0, token: 0, code: 0 }
  const stable = (value: string, kind: keyof typeof counts, write: (count: number) => string): string => {
    const known = seen.get(value)
    if (known !== undefined) return known
    const written = write(++counts[kind])
    seen.set(value, written)
    return written
  }
  const line = (said: string): string =>
    said
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, (found) => stable(found, 'token', (count) => `TOKEN-${count}`))
      .replaceAll(/"tide":"[^"]+"/g, '"tide":"TIDE"')
      .replaceAll(/"lineage":"[^"]+"/g, '"lineage":"LINEAGE"')
      .replaceAll(/"tide":\["[^"]+","[^"]+"\]/g, '"tide":["LINEAGE","TIDE"]')
      .replaceAll(/"[\w-]{43}"/g, (found) => stable(found, 'code', (count) => `"INVITE-CODE-${String(count).padStart(4, '0')}"`))
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (found) =>
        stable(found, 'id', (count) => `019adf00-0000-7000-8000-${String(count).padStart(12, '0')}`),
      )
      .replaceAll(/\b1\d{12}\b/g, (found) => stable(found, 'time', (count) => String(1_764_460_800_000 + count * 60_000)))
      .replaceAll(/HASH\(([^)]+)\)/g, (_, named: string) => hashOf(named))
  return made.map(([name, lines]) => [name, lines.map(({ from, said }) => ARROWS[from] + line(said)).join('\n')] as const)
}
