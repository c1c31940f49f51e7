import { canonicalJson } from './canonical.ts'
import type { RawEntry } from './source.ts'

/** How the chain is computed, for readers of an export who do not have this program. */
const CHAIN =
  'hash = SHA-256(hash before + "\\n" + {"at":…,"body":"<bodyHash>","kind":"…","seq":…}), bodyHash = SHA-256(RFC 8785 text of body), hex; before the first: 64 zeros'

export interface ExportHeader {
  readonly format: 'bongsu-record'
  readonly version: 1
  readonly chain: string
  /** The hash before the first exported entry. */
  readonly fromSeq: number
  readonly previousHash: string
}

export type ExportForm = 'lines' | 'document'

export function headerOf(fromSeq: number, previousHash: string): ExportHeader {
  return { format: 'bongsu-record', version: 1, chain: CHAIN, fromSeq, previousHash }
}

/** One entry on one line, in both forms. An unreadable entry is exported as far as it can be read; verify reports the flaw. */
export function lineOf({ seq, at, kind, body, bodyHash, hash, letGo, fault }: RawEntry): string {
  const start = `{"seq":${seq},"at":${at},"kind":${JSON.stringify(kind)}`
  if (letGo) return `${start},"bodyHash":"${bodyHash}","hash":"${hash}"}`
  if (body === undefined) return `${start},"body":null,"unreadable":${JSON.stringify(fault ?? '')},"hash":"${hash}"}`
  return `${start},"body":${canonicalJson(body)},"hash":"${hash}"}`
}

/** The text of an export, piece by piece: JSON lines with the header first, or one JSON document with one entry a line. */
export function* exportText(header: ExportHeader, entries: Iterable<RawEntry>, form: ExportForm): Generator<string> {
  const head = JSON.stringify(header)
  if (form === 'lines') {
    yield `${head}\n`
    for (const entry of entries) yield `${lineOf(entry)}\n`
    return
  }
  yield `${head.slice(0, -1)},"entries":[`
  let first = true
  for (const entry of entries) {
    yield `${first ? '' : ','}\n${lineOf(entry)}`
    first = false
  }
  yield '\n]}\n'
}
