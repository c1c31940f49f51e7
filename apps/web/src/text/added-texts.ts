import { useLanguage } from '../adapters/settings-store.ts'
import { countLabel } from './count-label.ts'

const ko = {
  added: '나를 추가한 사람',
  addedOf: (n: number) => `나를 추가한 사람 ${countLabel(n)}명`,
  addedAbout: '나를 친구로 추가한 사람이에요. 여기에서 무엇을 하든 상대에게는 알리지 않아요.',
  addBack: '추가',
  addBackOf: (name: string) => `${name}님을 친구로 추가`,
  putAway: (name: string) => `${name}님을 이 목록에서 지우기`,
  tells: '내가 추가한 것이 상대에게 보일 수 있어요.',
}

const en: typeof ko = {
  added: 'People who added you',
  addedOf: (n) => (n === 1 ? '1 person added you' : `${countLabel(n)} people added you`),
  addedAbout: 'They have added you as a friend. Whatever you do here, they are not told.',
  addBack: 'Add',
  addBackOf: (name) => `Add ${name} as a friend`,
  putAway: (name) => `Put ${name} away`,
  tells: 'They may see that you added them.',
}

/** Sentences about people who have added this account as a friend. */
const ADDED_TEXTS = { ko, en }

export function useAddedTexts(): typeof ko {
  return ADDED_TEXTS[useLanguage()]
}
