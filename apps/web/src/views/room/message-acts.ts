import { lookOf } from '../../kinds/kinds.ts'
import type { ActName } from '../../kinds/look.ts'
import type { ShownBody } from '../../kinds/coming.ts'

/** How long a text may be edited, and erased for everyone, in ms. */
export const LIMIT_MS = 86_400_000

export interface ActsInput {
  readonly message: {
    /** Null while the message waits to be sent. */
    readonly seq: number | null
    readonly body: ShownBody
    readonly mine: boolean
    readonly time: number
  }
  /** A conversation with oneself. */
  readonly self: boolean
  /** What the server knows; the screen offers nothing else. */
  readonly features: ReadonlySet<string>
  readonly now: number
}

/** What can be done with a message, in the order of the menu. The server decides by its own clock; what it refuses is told. */
export function actsFor({ message, self, features, now }: ActsInput): readonly ActName[] {
  const { seq, body, mine, time } = message
  const fresh = now - time < LIMIT_MS
  const may: Readonly<Record<ActName, boolean>> = {
    reply: seq !== null && features.has('reply'),
    react: seq !== null && features.has('items'),
    copy: true,
    select: seq !== null,
    details: seq !== null,
    edit: seq !== null && mine && fresh && features.has('items'),
    erase: seq !== null && mine && (fresh || self) && features.has('items'),
    hide: seq !== null && features.has('items'),
  }
  return lookOf(body.kind).acts.filter((act) => may[act])
}
