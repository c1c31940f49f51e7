import type { ConversationKind, Entry } from '@bongsu/protocol'
import { namesLine } from './people-names.ts'
import type { Texts } from './texts.ts'

/** What happened in a room, as a sentence; null for what is not worth one. */
export function systemText(
  texts: Texts,
  { author, body }: Entry,
  nameOf: (accountId: string) => string | null,
  kind: ConversationKind,
): string | null {
  const who = nameOf(author) ?? texts.unknownPerson
  const whom = (accounts: readonly string[]): string =>
    namesLine(
      texts,
      accounts.map((accountId) => nameOf(accountId) ?? texts.unknownPerson),
    )
  switch (body.kind) {
    case 'text':
    case 'erased':
      return null
    case 'created':
      // Two people, or oneself: the conversation simply is there.
      if (kind !== 'group') return null
      return body.accounts.length === 0 ? texts.systemCreated(who) : texts.systemInvited(who, whom(body.accounts))
    case 'invited':
      return texts.systemInvited(who, whom(body.accounts))
    case 'left':
      return texts.systemLeft(who)
    case 'renamed':
      return body.title === '' ? texts.systemUnnamed(who) : texts.systemRenamed(who, body.title)
  }
}
