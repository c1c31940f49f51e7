import type { EntryBody } from '@bongsu/protocol'
import { invitedWords } from '../invited/invited.ts'
import { inBoth, line, type Look } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth({ created: (who: string) => `${who}님이 채팅방을 만들었어요.` }, { created: (who) => `${who} started the group.` })

export const created: Look<Extract<EntryBody, { kind: 'created' }>> = {
  ...line(({ accounts }, author, told) =>
    accounts.length === 0 ? texts[told.language].created(personTold(author, told)) : invitedWords(accounts, author, told),
  ),
  // A conversation of two, or with oneself, starts without a sentence.
  shape: (room) => (room === 'group' ? 'line' : 'none'),
}
