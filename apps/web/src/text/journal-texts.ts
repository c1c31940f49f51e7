import type { Language } from './language.ts'

/** What happened, by the kind of a row of the journal. An unknown kind is shown as it is. */
const texts: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  begun: { ko: '기록 시작', en: 'The log begins' },
  trimmed: { ko: '오래된 기록 정리', en: 'Old rows removed' },
  'account-made': { ko: '가입', en: 'Account made' },
  'device-added': { ko: '기기 추가', en: 'Device added' },
  'device-revoked': { ko: '기기 로그아웃', en: 'Device revoked' },
  'password-changed': { ko: '비밀번호 변경', en: 'Password changed' },
  'sign-in-failed': { ko: '로그인 실패', en: 'Sign-in failed' },
  'sign-in-slowed': { ko: '로그인 늦춤', en: 'Sign-in slowed' },
  'role-changed': { ko: '역할 변경', en: 'Role changed' },
  suspended: { ko: '이용 정지', en: 'Suspended' },
  'suspension-lifted': { ko: '정지 풀기', en: 'Suspension lifted' },
  'suspension-ended': { ko: '정지 끝남', en: 'Suspension ended' },
  warned: { ko: '경고', en: 'Warned' },
  'report-read': { ko: '신고 열어 봄', en: 'Report opened' },
  'report-made': { ko: '신고', en: 'Report' },
  'report-closed': { ko: '신고 처리', en: 'Report closed' },
  'message-hidden': { ko: '메시지 가리기', en: 'Message hidden' },
  'member-removed': { ko: '내보내기', en: 'Member removed' },
  'bar-lifted': { ko: '내보낸 사람을 다시 들임', en: 'Removed member let back in' },
}

export function journalText(kind: string, language: Language): string {
  return texts[kind]?.[language] ?? kind
}
