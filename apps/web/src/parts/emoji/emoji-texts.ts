import type { Language } from '../../text/language.ts'
import type { emojiGroupKeys } from './emoji-row.ts'

/** Names of the groups, loaded with the picker. */
export const groupNames: Readonly<Record<Language, Readonly<Record<(typeof emojiGroupKeys)[number], string>>>> = {
  ko: {
    faces: '얼굴',
    people: '사람과 몸',
    nature: '동물과 자연',
    food: '음식',
    travel: '여행과 장소',
    activities: '활동',
    objects: '물건',
    symbols: '기호',
    flags: '깃발',
  },
  en: {
    faces: 'Faces',
    people: 'People',
    nature: 'Animals and nature',
    food: 'Food',
    travel: 'Travel and places',
    activities: 'Activities',
    objects: 'Objects',
    symbols: 'Symbols',
    flags: 'Flags',
  },
}
