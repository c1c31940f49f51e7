import { RIGHTS, type EntryBody, type Right, type RoomRole } from '@bongsu/protocol'
import { inBoth, line } from '../look.ts'
import { personTold } from '../people-told.ts'

interface Sentences {
  readonly rights: (who: string, changes: readonly string[]) => string
  readonly right: { readonly [Name in Right]: string }
  readonly who: { readonly [Role in RoomRole]: string }
  readonly change: (right: string, who: string) => string
}

const texts = inBoth<Sentences>(
  {
    rights: (who, changes) => `${who}님이 방의 권한을 바꿨어요: ${changes.join(', ')}`,
    right: { invite: '초대', rename: '방 이름', remove: '내보내기', post: '글쓰기', everyone: '모두 부르기' },
    who: { member: '누구나', deputy: '방장과 부방장', host: '방장만' },
    change: (right, who) => `${right} – ${who}`,
  },
  {
    rights: (who, changes) => `${who} changed who may do what: ${changes.join(', ')}`,
    right: { invite: 'invite', rename: 'rename', remove: 'remove people', post: 'write', everyone: 'mention everyone' },
    who: { member: 'everyone', deputy: 'host and deputies', host: 'host only' },
    change: (right, who) => `${right} – ${who}`,
  },
)

export const rights = line<Extract<EntryBody, { kind: 'rights' }>>(({ rights: chosen }, author, told) => {
  const { rights: sentence, right, who, change } = texts[told.language]
  const changes = RIGHTS.flatMap((name) => (chosen[name] === undefined ? [] : [change(right[name], who[chosen[name]])]))
  return sentence(personTold(author, told), changes)
})
