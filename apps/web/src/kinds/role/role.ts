import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth(
  {
    host: (who: string, whom: string) => `${who}님이 ${whom}님에게 방장을 넘겼어요.`,
    deputy: (who: string, whom: string) => `${who}님이 ${whom}님을 부방장으로 정했어요.`,
    member: (who: string, whom: string) => `${who}님이 ${whom}님의 부방장을 거뒀어요.`,
  },
  {
    host: (who, whom) => `${who} made ${whom} the host.`,
    deputy: (who, whom) => `${who} made ${whom} a deputy.`,
    member: (who, whom) => `${whom} is no longer a deputy, by ${who}.`,
  },
)

export const role = line<Extract<EntryBody, { kind: 'role' }>>(({ accountId, role: given }, author, told) =>
  (texts[told.language][given] ?? texts[told.language].member)(personTold(author, told), personTold(accountId, told)),
)
