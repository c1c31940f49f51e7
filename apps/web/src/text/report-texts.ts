import { useLanguage } from '../adapters/settings-store.ts'

const ko = {
  report: '신고',
  reportWhat: { message: '메시지 신고', person: '사람 신고', room: '채팅방 신고' },
  why: '어떤 점이 문제인가요?',
  reason: {
    spam: '광고·도배',
    harassment: '괴롭힘·욕설',
    sexual: '성적인 내용',
    violence: '협박·폭력·자해',
    fraud: '사기·사칭',
    privacy: '개인정보 노출',
    other: '그 밖의 문제',
  },
  more: '덧붙일 말 (안 써도 돼요)',
  shownTitle: '운영진에게 보이는 것',
  shown: {
    message: (before: number) =>
      `이 메시지와 바로 앞 메시지 ${before}개까지, 그리고 위에 쓴 내용이에요. 글쓴이가 지워도 남고, 신고를 처리한 뒤 90일이 지나면 지워져요.`,
    person: '누구를 신고했는지와 위에 쓴 내용이에요. 대화 내용은 보이지 않아요. 메시지를 보여주려면 그 메시지에서 신고해 주세요.',
    room: '채팅방의 이름과 위에 쓴 내용이에요. 대화 내용은 보이지 않아요. 메시지를 보여주려면 그 메시지에서 신고해 주세요.',
  },
  untold: '누가 신고했는지는 상대방에게도 운영진에게도 알리지 않아요.',
  send: '신고하기',
  sent: '신고했어요. 운영진이 살펴볼게요.',
  gone: '이미 지워진 메시지예요. 그 사람을 신고할 수 있어요.',

  nothingOpen: '기다리는 신고가 없어요',
  nothingOpenAbout: '새 신고가 들어오면 여기에 보여요.',
  nothingDecided: '아직 처리한 신고가 없어요',
  open: '기다림',
  decided: '처리함',
  pick: '왼쪽에서 신고를 골라 주세요',
  reporters: (count: number) => `${count.toLocaleString('ko')}명이 신고`,
  first: (time: string) => `처음 ${time}`,
  earlier: (count: number) => (count === 0 ? '전에 받은 신고 없음' : `전에 처리한 신고 ${count.toLocaleString('ko')}건`),
  unknownRoom: '이름 없는 채팅방',
  where: { direct: '1:1 채팅', group: '그룹 채팅', self: '나와의 채팅' },
  reported: (time: string) => `${time}에 신고`,
  onlyCopied: '이 앞뒤의 대화는 보이지 않아요. 이 신고를 열어 본 것은 관리 기록에 남아요.',
  intact: '신고가 들어온 때의 모습 그대로예요.',
  changed: '신고 뒤에 이 사본이 바뀌었어요. 믿지 마세요.',
  noMessage: '메시지 없이 들어온 신고예요.',
  onlyCounted: '여기 없는 신고는 사람 수로만 남겼어요.',
  decide: '어떻게 할까요?',
  act: {
    none: { name: '문제 없음', about: '아무것도 하지 않고 신고를 닫아요.' },
    hide: { name: '메시지 가리기', about: '신고된 메시지가 모두에게서 사라지고 “운영진이 가린 메시지”로 남아요. 되돌릴 수 없어요.' },
    remove: { name: '방에서 내보내기', about: '운영진이 내보냈다는 글이 대화에 남고, 방장이나 부방장이 초대해야 다시 들어올 수 있어요.' },
  },
  removeFrom: (room: string) => `“${room}”에서 내보내기`,
  note: '이유 (기록에 남아요)',
  close: { none: '문제 없음으로 닫기', hide: '메시지 가리고 닫기', remove: '내보내고 닫기' },
  closed: '신고를 처리했어요.',
  decision: (act: string, by: string, time: string) => `${by} · ${time} · ${act}`,
  operator: '운영자',
  unfinished: '처리가 끝나지 않았어요. 같은 것으로 다시 닫아 주세요.',
  back: '신고 목록',
}

const en: typeof ko = {
  report: 'Report',
  reportWhat: { message: 'Report message', person: 'Report person', room: 'Report chat' },
  why: 'What is wrong?',
  reason: {
    spam: 'Spam or advertising',
    harassment: 'Harassment or insults',
    sexual: 'Sexual content',
    violence: 'Threats, violence or self-harm',
    fraud: 'Fraud or impersonation',
    privacy: 'Private information',
    other: 'Something else',
  },
  more: 'Anything to add (optional)',
  shownTitle: 'What staff will see',
  shown: {
    message: (before) =>
      `This message, up to ${before} messages before it, and what you write above. It is kept even if its author deletes it, and deleted 90 days after the report is settled.`,
    person: 'Whom you report, and what you write above. No conversations. To show a message, report that message.',
    room: 'The name of the chat, and what you write above. No conversations. To show a message, report that message.',
  },
  untold: 'Neither the other person nor staff are told who reported.',
  send: 'Send report',
  sent: 'Reported. Staff will look at it.',
  gone: 'This message is deleted already. You can report the person.',

  nothingOpen: 'Nothing is waiting',
  nothingOpenAbout: 'New reports appear here.',
  nothingDecided: 'No report has been decided yet',
  open: 'Waiting',
  decided: 'Decided',
  pick: 'Choose a report on the left',
  reporters: (count) => (count === 1 ? 'Reported by 1 person' : `Reported by ${count.toLocaleString('en')} people`),
  first: (time) => `first ${time}`,
  earlier: (count) => (count === 0 ? 'No earlier reports' : `${count.toLocaleString('en')} decided before`),
  unknownRoom: 'Chat without a name',
  where: { direct: 'Chat of two', group: 'Group chat', self: 'Notes' },
  reported: (time) => `Reported ${time}`,
  onlyCopied: 'Nothing else of the conversation is shown. That you opened this is recorded.',
  intact: 'As it was when the report came.',
  changed: 'This copy was changed after the report. Do not trust it.',
  noMessage: 'A report without a message.',
  onlyCounted: 'Of reports that are not here, only the number of people is kept.',
  decide: 'What should be done?',
  act: {
    none: { name: 'Nothing is wrong', about: 'The report is closed and nothing else happens.' },
    hide: {
      name: 'Hide the message',
      about: 'The reported messages disappear for everyone and a line says that staff hid them. This cannot be undone.',
    },
    remove: {
      name: 'Remove from the chat',
      about: 'A line in the chat says that staff removed them. Only the host or a deputy can invite them again.',
    },
  },
  removeFrom: (room) => `Remove from “${room}”`,
  note: 'Reason (kept on record)',
  close: { none: 'Close, nothing is wrong', hide: 'Hide and close', remove: 'Remove and close' },
  closed: 'The report is settled.',
  decision: (act, by, time) => `${by} · ${time} · ${act}`,
  operator: 'Operator',
  unfinished: 'This was not finished. Close it the same way again.',
  back: 'Reports',
}

/** Sentences about reports, for those who report and for staff. */
const REPORT_TEXTS = { ko, en }

export function useReportTexts(): typeof ko {
  return REPORT_TEXTS[useLanguage()]
}
