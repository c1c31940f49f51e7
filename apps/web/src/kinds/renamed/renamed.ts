import type { EntryBody } from '@bongsu/protocol'
import { isolated } from '../../text/isolated.ts'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth(
  {
    renamed: (who: string, title: string) => `${who}님이 채팅방 이름을 바꿨어요: ${title}`,
    unnamed: (who: string) => `${who}님이 채팅방 이름을 지웠어요.`,
  },
  { renamed: (who, title) => `${who} renamed the group: ${title}`, unnamed: (who) => `${who} removed the group name.` },
)

export const renamed = line<Extract<EntryBody, { kind: 'renamed' }>>(({ title }, author, told) => {
  const who = personTold(author, told)
  return title === '' ? texts[told.language].unnamed(who) : texts[told.language].renamed(who, isolated(title))
})
