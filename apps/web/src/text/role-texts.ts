import { useLanguage } from '../adapters/settings-store.ts'

const ko = {
  roleName: { host: '방장', deputy: '부방장' },
  makeDeputy: '부방장으로 정하기',
  endDeputy: '부방장 거두기',
  handOver: '방장 넘기기',
  handOverAsk: (name: string) => `${name}님에게 방장을 넘길까요?`,
  handOverAbout: '나는 일반 참여자가 돼요. 되돌리려면 새 방장이 다시 넘겨주어야 해요.',
  handOverNow: '넘기기',
  removeMember: '내보내기',
  removeMemberAsk: (name: string) => `${name}님을 내보낼까요?`,
  removeMemberAbout: '이 채팅방이 그분의 목록에서 사라지고, 내보냈다는 글이 대화에 남아요.',
  removeMemberNow: '내보내기',
  barMember: '다시 들어올 수 없게 하기',
  barMemberHint: '방장이나 부방장이 초대하면 다시 들어올 수 있어요.',
  rights: '방 권한',
  rightsOfHost: '방장이 바꿀 수 있어요.',
  right: {
    invite: '초대하기',
    rename: '방 이름 바꾸기',
    remove: '내보내기',
    post: '글쓰기',
    everyone: '모두 부르기',
  },
  rightFor: { member: '누구나', deputy: '방장·부방장', host: '방장만' },
  groupRun: '초대와 방 이름은 누가 정하나요?',
  postClosed: '방장과 부방장만 글을 쓸 수 있는 방이에요.',
  postClosedToDeputies: '방장만 글을 쓸 수 있는 방이에요.',
}

const en: typeof ko = {
  roleName: { host: 'Host', deputy: 'Deputy' },
  makeDeputy: 'Make deputy',
  endDeputy: 'No longer deputy',
  handOver: 'Hand over as host',
  handOverAsk: (name) => `Make ${name} the host?`,
  handOverAbout: 'You become an ordinary member. Only the new host can hand the chat back to you.',
  handOverNow: 'Hand over',
  removeMember: 'Remove from chat',
  removeMemberAsk: (name) => `Remove ${name}?`,
  removeMemberAbout: 'The chat disappears from their list, and a line in the chat says that you removed them.',
  removeMemberNow: 'Remove',
  barMember: 'May not come back',
  barMemberHint: 'A host or deputy can still invite them again.',
  rights: 'Rights',
  rightsOfHost: 'The host can change this.',
  right: {
    invite: 'Invite',
    rename: 'Rename the chat',
    remove: 'Remove people',
    post: 'Write',
    everyone: 'Mention everyone',
  },
  rightFor: { member: 'Everyone', deputy: 'Deputies', host: 'Host only' },
  groupRun: 'Who invites people and names the chat?',
  postClosed: 'Only the host and deputies can write in this chat.',
  postClosedToDeputies: 'Only the host can write in this chat.',
}

/** Sentences about roles and rights in a group. */
const ROLE_TEXTS = { ko, en }

export function useRoleTexts(): typeof ko {
  return ROLE_TEXTS[useLanguage()]
}
