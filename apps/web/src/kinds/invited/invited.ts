import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line, type Told } from '../look.ts'
import { peopleTold, personTold } from '../people-told.ts'

const texts = inBoth(
  { invited: (who: string, whom: string) => `${who}님이 ${whom}을 초대했어요.`, asked: (who: string) => `${who}님이 초대를 보냈어요.` },
  { invited: (who, whom) => `${who} invited ${whom}.`, asked: (who) => `${who} sent an invitation.` },
)

export function invitedWords(accounts: readonly string[], author: string, told: Told): string {
  const { invited: came, asked } = texts[told.language]
  // Those who were invited decide for themselves [B44].
  return accounts.length === 0 ? asked(personTold(author, told)) : came(personTold(author, told), peopleTold(accounts, told))
}

export const invited = line<Extract<EntryBody, { kind: 'invited' }>>(({ accounts }, author, told) => invitedWords(accounts, author, told))
