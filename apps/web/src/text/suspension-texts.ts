import { useLanguage } from '../adapters/settings-store.ts'

const ko = {
  suspendedTitle: '이용이 정지됐어요',
  suspendedUntil: (time: string) => `${time}에 저절로 풀려요.`,
  suspendedForGood: '끝나는 때가 정해지지 않았어요.',
  suspendedReason: '이유',
  suspendedAppeal: '이의가 있으면',
  suspendedAppealNone: '이 서버를 운영하는 사람에게 물어봐 주세요.',
  suspendedUnsent: (count: number) => `보내지 못한 글 ${count.toLocaleString('ko')}개는 이 기기에 남아 있다가, 정지가 풀리면 보내요.`,
  suspendedAgain: '다시 확인하기',
  noticeTitle: '운영진이 알려 드려요',
  noticeRead: '확인했어요',
  reportTitle: '신고를 처리했어요',
  report: {
    acted: '신고한 내용을 운영진이 살펴보고 조치했어요. 알려 줘서 고마워요.',
    none: '신고한 내용을 운영진이 살펴봤어요. 조치할 점은 찾지 못했어요.',
  },
}

const en: typeof ko = {
  suspendedTitle: 'Your account is suspended',
  suspendedUntil: (time) => `It ends by itself: ${time}.`,
  suspendedForGood: 'It has no end.',
  suspendedReason: 'Reason',
  suspendedAppeal: 'To appeal',
  suspendedAppealNone: 'Ask whoever runs this server.',
  suspendedUnsent: (n) =>
    `${n.toLocaleString('en')} ${n === 1 ? 'message' : 'messages'} not sent yet stay on this device, and are sent when the suspension ends.`,
  suspendedAgain: 'Check again',
  noticeTitle: 'A word from the staff',
  noticeRead: 'Understood',
  reportTitle: 'Your report is settled',
  report: {
    acted: 'Staff looked at what you reported, and acted. Thank you for telling them.',
    none: 'Staff looked at what you reported, and found nothing to act on.',
  },
}

/** Sentences for whom staff have suspended or warned. */
const SUSPENSION_TEXTS = { ko, en }

export function useSuspensionTexts(): typeof ko {
  return SUSPENSION_TEXTS[useLanguage()]
}
