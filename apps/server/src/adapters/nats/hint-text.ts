import type { AccountId, ConversationId, DeviceId } from '@bongsu/protocol'
import type { Hint } from '../../delivery/bus.ts'

/** Longest text of a hint. The longest in use has about 250 characters. */
export const HINT_CHARS_MAX = 512

/** A hint without contents: other processes read entries and items from the store [D14]. */
export function hintText(hint: Hint): string {
  const { entry: _entry, item: _item, ...rest } = hint as Hint & { readonly entry?: unknown; readonly item?: unknown }
  return JSON.stringify(rest)
}

/** Null when the text is no hint that this program knows. */
export function readHint(text: string): Hint | null {
  if (text.length > HINT_CHARS_MAX) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { t, conversationId, accountId, deviceId, process, seq, change, head, at } = value as Readonly<Record<string, unknown>>
  // Only these fields are taken: whatever else a text has, contents among it, is left out.
  switch (t) {
    case 'entry':
      return isId<ConversationId>(conversationId) && isPlace(seq) ? { t, conversationId, seq } : null
    case 'items':
      return isId<ConversationId>(conversationId) && isPlace(change) && isPlace(head) ? { t, conversationId, change, head } : null
    case 'account':
      return isId<AccountId>(accountId) ? { t, accountId } : null
    case 'reads':
      return isId<ConversationId>(conversationId) ? { t, conversationId } : null
    case 'typing':
      return isId<ConversationId>(conversationId) && isId<AccountId>(accountId) ? { t, conversationId, accountId } : null
    case 'revoked':
      return isId<DeviceId>(deviceId) ? { t, deviceId } : null
    case 'superseded': {
      const isWhole = isId<AccountId>(accountId) && isId<DeviceId>(deviceId) && isId<string>(process) && isPlace(at)
      return isWhole ? { t, accountId, deviceId, process, at } : null
    }
    case 'running':
      return isId<string>(process) ? { t, process } : null
    case 'lost':
      return { t }
    default:
      return null
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the alternative is a cast at every call
function isId<T extends string>(value: unknown): value is T {
  return typeof value === 'string' && UUID.test(value)
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
