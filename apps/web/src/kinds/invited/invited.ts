import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line, type Told } from '../look.ts'
import { peopleTold, personTold } from '../people-told.ts'

const texts = inBoth(
  { invited: (who: string, whom: string) => `${who}님이 ${whom}을 초대했습니다.` },
  { invited: (who, whom) => `${who} invited ${whom}.` },
)

export function invitedWords(accounts: readonly string[], author: string, told: Told): string {
  return texts[told.language].invited(personTold(author, told), peopleTold(accounts, told))
}

export const invited = line<Extract<EntryBody, { kind: 'invited' }>>(({ accounts }, author, told) => invitedWords(accounts, author, told))
