import { entryKind, markKind, type EntryBody } from '@bongsu/protocol'
import type { AppendNeeds, SetNeeds } from './facts.ts'
import { isByStaff } from './rights.ts'
import { keyOf } from './keys.ts'
import type { SetRequest } from './requests.ts'

const NOTHING: AppendNeeds = { people: [], maker: false, oldest: false, barred: false }

/** Facts to load before an append can be decided, besides whether the id is known and the author's place. */
export function needsOfAppend(body: EntryBody): AppendNeeds {
  const kind = entryKind(body.kind)
  if (kind === undefined) return NOTHING
  const people = kind.names?.(body) ?? []
  const maker = kind.class === 'happened' || kind.callsEveryone?.(body) === true
  if (!maker && people.length === 0) return NOTHING
  return { people, maker, oldest: body.kind === 'left' || isByStaff(body), barred: body.kind === 'removed' && body.barred }
}

/** Facts to load before an act can be decided, besides whether the id is known, the author's place and the entry. */
export function needsOfSet({ act, author, conversationId, seq }: Pick<SetRequest, 'act' | 'author' | 'conversationId' | 'seq'>): SetNeeds {
  const kind = markKind(act.kind)
  const isBounded = kind !== undefined && kind.differentMax !== null && act.value !== null
  return {
    owner: kind?.owner ?? 'conversation',
    kind: act.kind,
    key: keyOf(act.kind, conversationId, seq, author),
    differentFrom: isBounded ? JSON.stringify(act.value) : null,
    maker: kind?.rewrite !== undefined,
    countOwn: kind?.perAccountMax !== null && kind?.perAccountMax !== undefined,
  }
}
