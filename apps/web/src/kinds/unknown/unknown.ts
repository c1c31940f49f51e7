import { inBoth, line } from '../look.ts'

const texts = inBoth(
  { unknown: '이 버전에서는 볼 수 없는 내용이에요. 앱을 업데이트해 주세요.' },
  { unknown: 'This version cannot show this. Please update the app.' },
)

/** A kind of a newer server: the reader learns that something is there. */
export const unknown = line<unknown>((_body, _author, { language }) => texts[language].unknown)
