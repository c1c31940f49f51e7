import { Compile } from 'typebox/compile'
import { ClientMessageIdSchema, type ClientMessageId } from './ids.ts'
import type { RefusalCode } from './refusals.ts'
import { AccountItemSchema, type AccountItem } from './account.ts'
import type { EntryBody } from './kinds.ts'
import { ItemSchema, type Item } from './marks.ts'
import { EntryBodySchema } from './message.ts'
import {
  AskHeadsSchema,
  AuditFaultSchema,
  AuditUpSchema,
  HelloSchema,
  PingSchema,
  ReadSchema,
  RefreshSchema,
  SendSchema,
  SetSchema,
  TypingSchema,
  WatchSchema,
  type UpFrame,
  type UpType,
} from './up.ts'

const checks = {
  hello: Compile(HelloSchema),
  send: Compile(SendSchema),
  set: Compile(SetSchema),
  read: Compile(ReadSchema),
  typing: Compile(TypingSchema),
  watch: Compile(WatchSchema),
  'ask-heads': Compile(AskHeadsSchema),
  refresh: Compile(RefreshSchema),
  ping: Compile(PingSchema),
  audit: Compile(AuditUpSchema),
  'audit-fault': Compile(AuditFaultSchema),
} as const satisfies Record<UpType, { Check(value: unknown): boolean }>

const clientMessageId = Compile(ClientMessageIdSchema)

const entryBody = Compile(EntryBodySchema)
const accountItem = Compile(AccountItemSchema)
const item = Compile(ItemSchema)

/** Whether an entry may have this body. For checks of a store. */
export function isEntryBody(value: unknown): value is EntryBody {
  return entryBody.Check(value)
}

/** Whether an account log may hold this item. For checks of a store. */
export function isAccountItem(value: unknown): value is AccountItem {
  return accountItem.Check(value)
}

const accountKinds: ReadonlySet<string> = new Set(AccountItemSchema.anyOf.map(({ properties }) => properties.kind.const))

/** Whether this version knows account items of this kind. */
export function isAccountKind(kind: string): boolean {
  return accountKinds.has(kind)
}

/** Whether a conversation may have this item. For checks of a store. */
export function isItem(value: unknown): value is Item {
  return item.Check(value)
}

export type Decoded =
  | { readonly ok: true; readonly frame: UpFrame }
  /** `id` and `re` repeat the readable parts, so that the sender knows which frame was meant. */
  | { readonly ok: false; readonly code: RefusalCode; readonly re?: string; readonly id?: ClientMessageId }

/** Parses one up frame [W1]. Never throws. The type is read first, so that only the schema of that type is checked. */
export function decodeUp(text: string): Decoded {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, code: 'frame-malformed' }
  }
  if (typeof value !== 'object' || value === null || !('t' in value) || typeof value.t !== 'string') return { ok: false, code: 'frame-malformed' }
  if (!Object.hasOwn(checks, value.t)) return { ok: false, code: 'frame-unknown', re: value.t.slice(0, 32) }
  const type = value.t as UpType
  // [seam: check-frame]
  if (!checks[type].Check(value)) {
    const { id } = value as { id?: unknown }
    return clientMessageId.Check(id) ? { ok: false, code: 'frame-malformed', re: type, id } : { ok: false, code: 'frame-malformed', re: type }
  }
  return { ok: true, frame: value as UpFrame }
}
