import type { EntryBody } from '@bongsu/protocol'
import { inBoth, type Look } from '../look.ts'

export const erasedTexts = inBoth({ erased: '삭제된 메시지입니다' }, { erased: 'Deleted message' })

/** In a group the author of an erased message is not named, so it is alone in the middle. */
export const erased: Look<Extract<EntryBody, { kind: 'erased' }>> = {
  shape: (room) => (room === 'group' ? 'line' : 'bubble'),
  words: (_body, _author, { language }) => erasedTexts[language].erased,
  named: false,
  copied: () => null,
  acts: ['hide'],
}
