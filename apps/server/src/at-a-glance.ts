// What `npm start` shows in a terminal: where to go, and what has to be done once.

export interface Glance {
  /** Address of the app. */
  readonly app: string
  /** Link with which the first administrator joins; null when there are accounts. */
  readonly adminLink: string | null
  /** Address of the status page; null when its program is not running. */
  readonly status: string | null
  readonly operatorLink: string | null
}

type Language = 'ko' | 'en'

const WORDS = {
  ko: {
    running: '봉수가 켜졌어요.  끄려면 Ctrl+C',
    app: '앱',
    status: '상태 페이지',
    noStatus: '아직 켜지지 않았어요. 위의 까닭을 보세요.',
    once: '처음 한 번만 하면 돼요. 링크는 24시간 동안 쓸 수 있어요.',
    admin: '관리자로 가입하기',
    operator: '상태 페이지 담당자 되기',
  },
  en: {
    running: 'Bongsu is running.  Ctrl+C stops it',
    app: 'App',
    status: 'Status page',
    noStatus: 'Not running yet. See above for the reason.',
    once: 'To be done once. The links are valid for 24 hours.',
    admin: 'Join as administrator',
    operator: 'Become the operator of the status page',
  },
} as const satisfies Record<Language, Record<string, string>>

/** The language of a terminal, by POSIX: the first of these that is set. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = ['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => env[name]).find((value) => value !== undefined && value !== '')
  return locale?.startsWith('ko') === true ? 'ko' : 'en'
}

export function atAGlance({ app, adminLink, status, operatorLink }: Glance, language: Language): string {
  const words = WORDS[language]
  const steps = [
    [words.admin, adminLink],
    [words.operator, operatorLink],
  ].flatMap(([what, link], index) => (link === null ? [] : [`  ${index + 1}. ${what}\n     ${link}`]))
  return [
    `\n  ${words.running}\n`,
    `  ${words.app}: ${app}`,
    `  ${words.status}: ${status ?? words.noStatus}`,
    ...(steps.length === 0 ? [] : [`\n  ${words.once}`, ...steps]),
    '',
  ].join('\n')
}
