import type { DownFrame, DownType } from '@bongsu/protocol'

export type DecodedDown = { readonly kind: 'frame'; readonly frame: DownFrame } | { readonly kind: 'unknown' } | { readonly kind: 'malformed' }

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string'
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const object =
  (fields: Fields): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false
    const record = value as Record<string, unknown>
    return Object.entries(fields).every(([name, check]) => check(record[name]))
  }
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)

const personFields = { accountId: text, handle: text, displayName: text }
const person = object(personFields)

/** Bodies by kind. A kind this version does not know may hold anything: it is kept and counted, so that nothing is skipped [W3]. */
const bodies: Readonly<Record<string, Check>> = {
  text: object({ text }),
  created: object({ title: text, accounts: list(text) }),
  invited: object({ accounts: list(text) }),
  left: object({}),
  renamed: object({ title: text }),
}
const body = byKind(bodies)
const entry = object({ seq: count, acceptedAt: count, author: text, id: text, body })

const items: Readonly<Record<string, Check>> = {
  profile: object({ value: object({ ...personFields, role: text }) }),
  membership: object({ value: orNull(object({ conversationId: text, kind: text, joinedSeq: count })) }),
  read: object({ value: object({ seq: count }) }),
  friend: object({ value: orNull(person) }),
  person: object({ value: person }),
  device: object({ value: orNull(object({ deviceId: text, name: text, createdAt: count })) }),
}
const item: Check = (value) => object({ kind: text, key: text })(value) && byKind(items)(value)

const meta = object({ kind: text, title: text, memberCount: count, people: list(person) })
const head: Check = (value) => Array.isArray(value) && text(value[0]) && count(value[1])

/** The fields this client reads, and no more: a newer server may send others [W3]. Written by hand, because browsers load no schema library. */
const frames: Readonly<Record<DownType, Check>> = {
  welcome: object({
    epoch: text,
    accountId: text,
    deviceId: text,
    now: count,
    heartbeatMs: (value) => count(value) && value !== 0,
    reconnectSpreadMs: count,
    token: optional(text),
    restored: optional(list(head)),
  }),
  account: object({ from: count, to: count, items: list(item) }),
  entries: (value) =>
    object({ conversationId: text, after: count, entries: list(entry) })(value) && follows(value as Counted, (value as Counted).after ?? 0),
  reset: (value) =>
    object({ conversationId: text, head: count, joinedSeq: count, meta, entries: list(entry), readSeq: count, unreadBelow: count })(value) &&
    follows(value as Counted, ((value as Counted).head ?? 0) - (value as Counted).entries.length),
  // The client's part is being made; until then nothing of items is asked for.
  items: object({ conversationId: text, from: count, to: count, items: list(object({ kind: text, key: text, change: count })) }),
  'set-accepted': object({ id: text, conversationId: text, change: count }),
  'caught-up': object({ account: count, total: count }),
  beat: object({ now: count, account: count, total: orNull(count), reconnectSpreadMs: optional(count) }),
  heads: object({ account: count, heads: list(head) }),
  accepted: object({ id: text, conversationId: text, seq: count, acceptedAt: count }),
  refused: object({ id: optional(text), re: optional(text), code: text, retryAfterMs: optional(count) }),
  unread: object({ conversationId: text, from: count, counts: list(count) }),
  typing: object({ conversationId: text, accountId: text }),
  pong: object({ n: count }),
  drain: object({ spreadMs: count }),
  audit: object({ conversationId: text, from: count, to: count, hash: orNull(text) }),
}

/** Reads one down frame. Never throws. */
export function decodeDown(received: string): DecodedDown {
  let value: unknown
  try {
    value = JSON.parse(received)
  } catch {
    return { kind: 'malformed' }
  }
  if (typeof value !== 'object' || value === null || !('t' in value) || typeof value.t !== 'string') return { kind: 'malformed' }
  if (!Object.hasOwn(frames, value.t)) return { kind: 'unknown' } // [seam: unknown-frame]
  return frames[value.t as DownType](value) ? { kind: 'frame', frame: value as DownFrame } : { kind: 'malformed' }
}

function byKind(checks: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string') return false
    const check = Object.hasOwn(checks, value.kind) ? checks[value.kind] : undefined
    return check === undefined || check(value)
  }
}

interface Counted {
  readonly after?: number
  readonly head?: number
  readonly entries: readonly { readonly seq: number }[]
}

/** Entries stand in order without a gap [D2]; a frame in which they do not would make a hole that nobody sees. */
function follows({ entries }: Counted, after: number): boolean {
  return entries.every((one, index) => one.seq === after + 1 + index)
}
