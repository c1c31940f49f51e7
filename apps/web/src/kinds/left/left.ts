import type { EntryBody } from '@bongsu/protocol'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

const texts = inBoth({ left: (who: string) => `${who}님이 나갔습니다.` }, { left: (who) => `${who} left.` })

export const left = line<Extract<EntryBody, { kind: 'left' }>>((_body, author, told) => texts[told.language].left(personTold(author, told)))
