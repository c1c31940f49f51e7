import { useLanguage } from '../adapters/settings-store.ts'
import { countLabel } from './count-label.ts'

const ko = {
  requests: '대화 요청',
  requestsOf: (n: number) => `대화 요청 ${n}개`,
  requestsAbout: '아직 모르는 사람이 말을 걸거나 초대했어요. 받아들일 때까지 알림이 오지 않고, 상대에게는 아무것도 알리지 않아요.',
  requestFrom: (name: string) => `${name}님의 대화 요청`,
  requestEmpty: '아직 아무 말도 하지 않았어요.',
  requestLost: '메시지를 불러오지 못했어요.',
  acceptRequest: '받아들이기',
  declineRequest: '거절하기',
  declineAsk: (name: string) => `${name}님의 요청을 거절할까요?`,
  declineAbout: '이 사람이 앞으로 보내는 메시지도 오지 않아요. 상대에게는 알리지 않고, 내가 먼저 말을 걸면 다시 이어져요.',
  declineGroupAbout: '모르는 사람은 나를 이 채팅방에 다시 초대하지 못해요. 상대에게는 알리지 않아요.',
  declineNow: '거절',
  invitesTo: (title: string) => (title === '' ? '그룹 채팅방에 초대했어요.' : `‘${title}’ 채팅방에 초대했어요.`),
  membersNow: (n: number) => `지금 ${countLabel(n)}명이 있어요.`,
  declineAndBlock: '거절하고 차단하기',
  requestDecided: '다른 기기에서 이미 거절한 요청이에요.',
  inviteLapsed: '이 초대는 더 이상 유효하지 않아요.',
  reach: '나에게 연락하기',
  reachLegend: '바로 말을 걸고 초대할 수 있는 사람',
  reachEveryone: '모두',
  reachAcquainted: '함께하는 사람',
  reachFriends: '친구만',
  reachAboutEveryone: '누구의 메시지와 초대든 바로 오고, 누가 나를 친구로 추가했는지 보여요.',
  reachAboutAcquainted:
    '친구와, 같은 채팅방에 있는 사람의 메시지와 초대는 바로 와요. 다른 사람의 것은 대화 요청에 모여요. 나를 친구로 추가한 사람도 이 범위에서만 보여요.',
  reachAboutFriends: '친구의 메시지와 초대는 바로 와요. 다른 사람의 것은 대화 요청에 모이고, 누가 나를 친구로 추가했는지는 보이지 않아요.',
}

const en: typeof ko = {
  requests: 'Requests',
  requestsOf: (n) => (n === 1 ? '1 request' : `${n} requests`),
  requestsAbout: 'Someone you do not know yet wants to talk, or invites you. Nothing rings until you accept, and they are told nothing.',
  requestFrom: (name) => `Request from ${name}`,
  requestEmpty: 'They have not said anything yet.',
  requestLost: 'The messages could not be loaded.',
  acceptRequest: 'Accept',
  declineRequest: 'Decline',
  declineAsk: (name) => `Decline the request from ${name}?`,
  declineAbout: 'Nothing they write later reaches you either. They are not told, and it goes on if you write to them first.',
  declineGroupAbout: 'Strangers cannot invite you to this chat again. They are not told.',
  declineNow: 'Decline',
  invitesTo: (title) => (title === '' ? 'Invites you to a group chat.' : `Invites you to ‘${title}’.`),
  membersNow: (n) => (n === 1 ? 'It has 1 member now.' : `It has ${countLabel(n)} members now.`),
  declineAndBlock: 'Decline and block',
  requestDecided: 'You declined this request on another device.',
  inviteLapsed: 'This invitation is no longer valid.',
  reach: 'Who reaches you',
  reachLegend: 'Messages and invitations arrive at once from',
  reachEveryone: 'Everyone',
  reachAcquainted: 'Shared chats',
  reachFriends: 'Friends',
  reachAboutEveryone: 'Messages and invitations from anyone arrive at once, and you see who added you as a friend.',
  reachAboutAcquainted:
    'Those from friends and from people in a chat with you arrive at once. Others wait in your requests. Who added you as a friend is shown to you for these people only.',
  reachAboutFriends: 'Those from friends arrive at once. Others wait in your requests, and you do not see who added you as a friend.',
}

/** Sentences about people who wait to be let in, and about who need not. */
const REQUEST_TEXTS = { ko, en }

export function useRequestTexts(): typeof ko {
  return REQUEST_TEXTS[useLanguage()]
}
