import { LIMITS, type EntryBody } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'
import type { ActName } from '../../kinds/look.ts'

export interface ActsInput {
  readonly message: {
    /** Null while the message waits to be sent. */
    readonly seq: number | null
    readonly body: EntryBody
    readonly mine: boolean
    readonly time: number
  }
  /** A conversation with oneself. */
  readonly self: boolean
  /** Features of the server. The screen offers nothing else. */
  readonly features: ReadonlySet<string>
  readonly now: number
}

/** The acts for a message, in the order of the menu. The server decides by its own clock, and its refusal is shown. */
export function actsFor({ message, self, features, now }: ActsInput): readonly ActName[] {
  const { seq, body, mine, time } = message
  const age = now - time
  const may: Readonly<Record<ActName, boolean>> = {
    reply: seq !== null && features.has('reply'),
    react: seq !== null && features.has('items'),
    copy: true,
    select: seq !== null,
    details: seq !== null,
    edit: seq !== null && mine && age < LIMITS.editMsMax && features.has('items'),
    erase: seq !== null && mine && (age < LIMITS.eraseMsMax || self) && features.has('items'),
    block: !mine && features.has('block'),
    report: seq !== null && !mine && features.has('reports'),
    hide: seq !== null && features.has('items'),
  }
  return lookOf(body.kind).acts.filter((act) => may[act])
}
