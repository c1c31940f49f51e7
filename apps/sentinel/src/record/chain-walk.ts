import { hashOfEntry, type Link } from './chain.ts'

/** An entry as stored, to be compared with its predecessor. */
export interface Found extends Link {
  readonly hash: string
}

export type Flaw = 'edited' | 'hash-edited' | 'removed' | 'inserted' | 'moved' | 'time-fell'

export interface ChainWalk {
  see(found: Found): void
  /** Called after the last entry. */
  end(): void
}

interface Step {
  readonly seq: number
  readonly at: number
  /** The hash that is stored, and the hash computed from what is stored before it. */
  readonly stored: string
  readonly computed: string
}

/**
 * Walks the chain entry by entry and reports where it was edited. One edit is reported once: after a place that does not fit, the walk continues from
 * the stored hash. The entry after a bad place shows what was done. If it follows from the expected hash, the stored hash was edited. If it follows
 * from the hash two places before, an entry was inserted. And so on.
 *
 * The walk cannot find an edit whose author recomputed all later hashes. Against such an edit, note a hash elsewhere (verify prints one) and pass it
 * to a later verify.
 *
 * @param start place and predecessor hash of the first entry.
 */
export function walkChain(
  start: { readonly seq: number; readonly hash: string },
  onFlaw: (seq: number, flaw: Flaw, sentence: string) => void,
): ChainWalk {
  let before: Step | null = null
  let last: Step = { seq: start.seq - 1, at: 0, stored: start.hash, computed: start.hash }
  /** A bad place that the next entry, or the end, will explain. */
  let unclear: { readonly seq: number } | null = null
  /** How far the entry numbers have moved since they were hashed. */
  let shift = 0

  function tellUnclear(): void {
    if (unclear !== null)
      onFlaw(unclear.seq, 'edited', `Entry ${unclear.seq} does not follow from the one before: it was edited, or the one before was replaced.`)
    unclear = null
  }

  function follows(found: Found, hash: string, moved: number): boolean {
    return hashOfEntry(hash, { ...found, seq: found.seq - moved }) === found.hash
  }

  /** @returns false when no single edit explains the place. */
  function explain(found: Found): boolean {
    if (unclear !== null && follows(found, last.computed, shift)) {
      onFlaw(unclear.seq, 'hash-edited', `The hash of entry ${unclear.seq} was edited.`)
      unclear = null
      return true
    }
    const two = before
    if (two !== null && follows(found, two.stored, shift + 1)) {
      onFlaw(
        last.seq,
        'inserted',
        `Entry ${last.seq} was inserted or moved here; the entries after it have different numbers than when they were written.`,
      )
      unclear = null
      shift += 1
      return true
    }
    if (follows(found, last.stored, shift - 1)) {
      const seq = unclear?.seq ?? found.seq
      onFlaw(seq, 'removed', `An entry was removed at ${seq}; the entries after it have different numbers than when they were written.`)
      unclear = null
      shift -= 1
      return true
    }
    if (two !== null && shift > 0 && follows(found, two.stored, shift - 1)) {
      onFlaw(last.seq, 'moved', `Entry ${last.seq} is in a different place than when it was written.`)
      unclear = null
      shift -= 1
      return true
    }
    return false
  }

  return {
    see(found) {
      const expected = last.seq + 1
      let computed = found.hash
      if (found.seq < expected) {
        tellUnclear()
        onFlaw(found.seq, 'moved', `Entry ${found.seq} comes after entry ${last.seq}: the order was changed.`)
      } else if (found.seq > expected) {
        tellUnclear()
        const missing = found.seq - 1 === expected ? `Entry ${expected} is` : `Entries ${expected} to ${found.seq - 1} are`
        onFlaw(expected, 'removed', `${missing} missing.`)
      } else {
        computed = hashOfEntry(last.stored, { ...found, seq: found.seq - shift })
        if (computed === found.hash) tellUnclear()
        else if (!explain(found)) {
          tellUnclear()
          unclear = { seq: found.seq }
        }
      }
      if (found.at < last.at) onFlaw(found.seq, 'time-fell', `Entry ${found.seq} is older than the one before it.`)
      before = last
      last = { seq: found.seq, at: found.at, stored: found.hash, computed }
    },
    end: tellUnclear,
  }
}
