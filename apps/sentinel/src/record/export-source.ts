import { closeSync, openSync, readSync } from 'node:fs'
import { canonicalJson } from './canonical.ts'
import { hashOfBody } from './chain.ts'
import type { ExportHeader } from './export-format.ts'
import type { RawEntry, RecordSource } from './source.ts'
import { RecordUnusable } from './unavailable.ts'

/** A longer line is not part of an export: a body has at most a quarter of this. */
export const lineBytesMax = 1_048_576
const chunkBytes = 262_144
/** One place in this many is remembered, to find ranges again. */
const indexStep = 1_000

interface Line {
  /** Start of the line in the file, in bytes. */
  readonly from: number
  readonly text: string
}

/** An exported file, in either form. Read line by line, never held as a whole. */
export function openExportSource(file: string): RecordSource {
  const handle = openSync(file, 'r')
  try {
    const header = readHeader(file, handle)
    /** Places seen so far, rising: [seq, byte offset of its line]. */
    const index: [number, number][] = []
    return {
      start: { seq: header.fromSeq, hash: header.previousHash },
      entries: ({ fromSeq = 0, toSeq = Number.MAX_SAFE_INTEGER } = {}) => entriesOf(handle, index, fromSeq, toSeq),
      close: () => closeSync(handle),
    }
  } catch (error) {
    closeSync(handle)
    throw error
  }
}

function* entriesOf(handle: number, index: [number, number][], fromSeq: number, toSeq: number): Generator<RawEntry> {
  const from = index.findLast(([seq]) => seq <= fromSeq)?.[1] ?? 0
  let seen = 0
  for (const line of linesOf(handle, from)) {
    if (line.from === 0 || line.text === '' || line.text === ']}') continue
    const entry = entryOf(line)
    if (++seen % indexStep === 0 && entry.seq > (index.at(-1)?.[0] ?? 0)) index.push([entry.seq, line.from])
    if (entry.seq > toSeq && toSeq !== Number.MAX_SAFE_INTEGER) return
    if (entry.seq >= fromSeq) yield entry
  }
}

function readHeader(file: string, handle: number): ExportHeader {
  const [first] = linesOf(handle, 0)
  const text = first?.text ?? ''
  const header = parse(text.endsWith(',"entries":[') ? `${text}]}` : text) as Partial<ExportHeader> | undefined
  if (header?.format !== 'bongsu-record' || !Number.isSafeInteger(header.fromSeq) || !/^[0-9a-f]{64}$/.test(String(header.previousHash)))
    throw new RecordUnusable(`${file} is not an export of a record.`)
  if (header.version !== 1) throw new RecordUnusable(`${file} was exported by a newer program (form ${String(header.version)}).`)
  return header as ExportHeader
}

function entryOf({ from, text }: Line): RawEntry {
  const value = parse(text.replace(/,$/, ''))
  const { seq, at, kind, body, bodyHash, hash, unreadable } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(at) || typeof kind !== 'string' || typeof hash !== 'string')
    throw new RecordUnusable(`At byte ${from} there is no entry: the file was edited or cut short.`)
  const place = { seq: seq as number, at: at as number, kind, hash }
  if (typeof bodyHash === 'string') return { ...place, bodyHash, letGo: true }
  if (unreadable !== undefined || body === undefined)
    return { ...place, bodyHash: '', letGo: false, fault: `it could not be read when it was exported (${String(unreadable)})` }
  try {
    return { ...place, body, bodyHash: hashOfBody(canonicalJson(body)), letGo: false }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { ...place, bodyHash: '', letGo: false, fault: error.message }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function* linesOf(handle: number, start: number): Generator<Line> {
  let rest = Buffer.alloc(0)
  let from = start
  let position = start
  for (;;) {
    const chunk = Buffer.alloc(chunkBytes)
    const bytes = readSync(handle, chunk, 0, chunkBytes, position)
    position += bytes
    rest = Buffer.concat([rest, chunk.subarray(0, bytes)])
    let begin = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, begin)) {
      yield { from: from + begin, text: rest.toString('utf8', begin, end) }
      begin = end + 1
    }
    from += begin
    rest = rest.subarray(begin)
    if (rest.length > lineBytesMax)
      throw new RecordUnusable(`A line of more than ${lineBytesMax} bytes begins at byte ${from}: this is not an export.`)
    if (bytes === 0) {
      if (rest.length > 0) yield { from, text: rest.toString('utf8') }
      return
    }
  }
}
