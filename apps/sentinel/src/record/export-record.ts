import { recordFile } from './open-record.ts'
import { openDatabaseSource } from './database-source.ts'
import { exportText, headerOf, type ExportForm } from './export-format.ts'
import type { RawEntry } from './source.ts'

/** Text is yielded in pieces of about this many characters. */
const pieceCharacters = 65_536

export interface ExportOptions {
  readonly form: ExportForm
  /** Epoch ms: entries from this time on, and before `until`. */
  readonly from?: number
  readonly until?: number
}

/** The record of a directory as text, in pieces, with bounded memory, as of the first read. The caller reads to the end or calls return(). */
export function* exportRecord(directory: string, { form, from = 0, until = Number.MAX_SAFE_INTEGER }: ExportOptions): Generator<string> {
  const source = openDatabaseSource(recordFile(directory))
  try {
    const start = source.placeOf?.(from) ?? source.start
    const entries = before(source.entries({ fromSeq: start.seq }), until)
    let piece = ''
    for (const text of exportText(headerOf(start.seq, start.hash), entries, form)) {
      piece += text
      if (piece.length < pieceCharacters) continue
      yield piece
      piece = ''
    }
    if (piece !== '') yield piece
  } finally {
    source.close()
  }
}

function* before(entries: Iterable<RawEntry>, until: number): Generator<RawEntry> {
  for (const entry of entries) {
    if (entry.at >= until) return
    yield entry
  }
}
