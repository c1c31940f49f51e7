import { hashOfEntry, type Link } from './chain.ts'

/** An entry as it was found, to be held against the one before. */
export interface Found extends Link {
  readonly hash: string
}

export type Flaw = 'edited' | 'hash-edited' | 'removed' | 'inserted' | 'moved' | 'time-fell'

export interface ChainWalk {
  see(found: Found): void
  /** After the last entry. */
  end(): void
}

interface Step {
  readonly seq: number
  readonly at: number
  /** As it stands there, and as it should be after what stands before it. */
  readonly stored: string
  readonly computed: string
}

/**
 * Goes along the chain entry by entry, and says where a hand was in it. One edit is told once: after a place that does not fit, the chain is taken up
 * again with what stands there. Where an entry does not fit, the next one tells what was done: if it follows from the hash that should be there, the
 * hash was edited; if it follows from what stood two before, an entry was put between; and so on.
 *
 * A chain can tell edits only by those who did not make all hashes anew from there on. Against that, note a hash elsewhere (it is printed by verify)
 * and have it looked for.
 *
 * @param start what the first entry has to follow.
 */
export function walkChain(
  start: { readonly seq: number; readonly hash: string },
  onFlaw: (seq: number, flaw: Flaw, sentence: string) => void,
): ChainWalk {
  let before: Step | null = null
  let last: Step = { seq: start.seq - 1, at: 0, stored: start.hash, computed: start.hash }
  /** Told when the next entry, or the end, has shown what it is. */
  let unclear: { readonly seq: number } | null = null
  /** How far the numbers of entries were moved since they were hashed. */
  let shift = 0

  function tellUnclear(): void {
    if (unclear !== null)
      onFlaw(unclear.seq, 'edited', `Entry ${unclear.seq} does not follow from the one before: it was edited, or the one before was replaced.`)
    unclear = null
  }

  function follows(found: Found, hash: string, moved: number): boolean {
    return hashOfEntry(hash, { ...found, seq: found.seq - moved }) === found.hash
  }

  /** @returns false when no single change explains the place. */
  function explain(found: Found): boolean {
    if (unclear !== null && follows(found, last.computed, shift)) {
      onFlaw(unclear.seq, 'hash-edited', `The hash of entry ${unclear.seq} was edited.`)
      unclear = null
      return true
    }
    const two = before
    if (two !== null && follows(found, two.stored, shift + 1)) {
      onFlaw(last.seq, 'inserted', `Entry ${last.seq} was put in here, or moved here; those after it have other numbers than when they were written.`)
      unclear = null
      shift += 1
      return true
    }
    if (follows(found, last.stored, shift - 1)) {
      const seq = unclear?.seq ?? found.seq
      onFlaw(seq, 'removed', `An entry was removed at ${seq}, and those after it have other numbers than when they were written.`)
      unclear = null
      shift -= 1
      return true
    }
    if (two !== null && shift > 0 && follows(found, two.stored, shift - 1)) {
      onFlaw(last.seq, 'moved', `Entry ${last.seq} stands in another place than when it was written.`)
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
