import { useEffect, useRef, useState, type RefObject } from 'react'
import type { Room } from '@bongsu/client'
import type { AccountId, Entry } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

/** A screen reader announces the newest few messages. More would be a flood. */
const announcedMax = 3

export interface Newest {
  /** New messages of others below the view. */
  readonly count: number
  readonly last: Entry | null
  readonly announced: readonly Entry[]
  readonly seen: () => void
}

/** Messages of others after `seq`. */
function saidAfter(room: Room, me: AccountId, seq: number): readonly Entry[] {
  const found: Entry[] = []
  for (let index = room.entries.length - 1; index >= 0; index--) {
    const entry = room.entries[index]
    if (entry === undefined || entry.seq <= seq) break
    if (entry.author !== me && lookOf(entry.body.kind).named) found.push(entry)
  }
  return found.toReversed()
}

/** Messages that arrived since the person was last at the end of the room. */
export function useNewest(room: Room, me: AccountId, follow: RefObject<boolean>): Newest {
  const [seenSeq, setSeenSeq] = useState(room.cursor)
  const [announced, setAnnounced] = useState<readonly Entry[]>([])
  const heard = useRef(room.cursor)

  useEffect(() => {
    // Only a new entry is news.
    if (heard.current === room.cursor) return
    const fresh = saidAfter(room, me, heard.current)
    heard.current = room.cursor
    if (fresh.length > 0) setAnnounced(fresh.slice(-announcedMax))
    if (follow.current) setSeenSeq(room.cursor)
  }, [room, me, follow])

  const below = saidAfter(room, me, seenSeq)
  return { count: below.length, last: below.at(-1) ?? null, announced, seen: () => setSeenSeq(room.cursor) }
}
