import { useCallback, useEffect, useRef, useState } from 'react'
import type { ReplicaState, Room } from '@bongsu/client'
import type { Entry } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

/** A screen reader announces the newest few messages. More would be a flood. */
const announcedMax = 3

export interface Newest {
  /** New messages of others below the view. */
  readonly count: number
  readonly last: Entry | null
  readonly announced: readonly Entry[]
  /** The entry at `seq` has been in view. */
  readonly seen: (seq: number) => void
}

/** Messages of others after `seq`, without those of blocked people. */
function saidAfter(room: Room, { accountId: me, blocked }: ReplicaState, seq: number): readonly Entry[] {
  const found: Entry[] = []
  for (let index = room.entries.length - 1; index >= 0; index--) {
    const entry = room.entries[index]
    if (entry === undefined || entry.seq <= seq) break
    if (entry.author !== me && !blocked.has(entry.author) && lookOf(entry.body.kind).named) found.push(entry)
  }
  return found.toReversed()
}

/** Messages below those that have been in view. */
export function useNewest(room: Room, replica: ReplicaState, hidden: ReadonlySet<number>): Newest {
  const [seenSeq, setSeenSeq] = useState(room.readSeq)
  const [announced, setAnnounced] = useState<readonly Entry[]>([])
  const heard = useRef(room.cursor)

  useEffect(() => {
    // Only a new entry is news.
    if (heard.current === room.cursor) return
    const fresh = saidAfter(room, replica, heard.current)
    heard.current = room.cursor
    if (fresh.length > 0) setAnnounced(fresh.slice(-announcedMax))
  }, [room, replica])

  const below = saidAfter(room, replica, Math.max(seenSeq, room.readSeq)).filter(({ seq }) => !hidden.has(seq))
  return {
    count: below.length,
    last: below.at(-1) ?? null,
    announced,
    seen: useCallback((seq: number) => setSeenSeq((before) => Math.max(before, seq)), []),
  }
}
