import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth(
  {
    removed: (who: string, whom: string) => `${who}님이 ${whom}님을 내보냈어요.`,
    barred: (who: string, whom: string) => `${who}님이 ${whom}님을 다시 들어올 수 없게 내보냈어요.`,
    byStaff: (_who: string, whom: string) => `운영진이 ${whom}님을 내보냈어요.`,
  },
  {
    removed: (who, whom) => `${who} removed ${whom}.`,
    barred: (who, whom) => `${who} removed ${whom}, who may not come back.`,
    byStaff: (_who, whom) => `Staff removed ${whom}.`,
  },
)

export const removed = line<Extract<EntryBody, { kind: 'removed' }>>(({ accountId, barred, by }, author, told) =>
  texts[told.language][by === 'staff' ? 'byStaff' : barred ? 'barred' : 'removed'](personTold(author, told), personTold(accountId, told)),
)
