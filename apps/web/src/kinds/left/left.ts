import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth(
  {
    left: (who: string) => `${who}님이 나갔어요.`,
    host: (who: string, host: string) => `${who}님이 나갔어요. 이제 ${host}님이 방장이에요.`,
  },
  { left: (who) => `${who} left.`, host: (who, host) => `${who} left. ${host} is the host now.` },
)

export const left = line<Extract<EntryBody, { kind: 'left' }>>(({ host }, author, told) => {
  const { left: plain, host: withHost } = texts[told.language]
  return host === undefined ? plain(personTold(author, told)) : withHost(personTold(author, told), personTold(host, told))
})
