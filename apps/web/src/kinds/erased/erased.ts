import type { EntryBody } from '@bongsu/protocol'
import { inBoth, type Look } from '../look.ts'

export const erasedTexts = inBoth(
  { erased: '삭제된 메시지예요', byStaff: '운영진이 가린 메시지예요' },
  { erased: 'Deleted message', byStaff: 'Hidden by staff' },
)

/** Who took it away: its author, or staff [B66]. */
export const sentenceOf = ({ by }: Extract<EntryBody, { kind: 'erased' }>): 'erased' | 'byStaff' => (by === 'staff' ? 'byStaff' : 'erased')

/** In a group the author of an erased message is not named, so it is alone in the middle. */
export const erased: Look<Extract<EntryBody, { kind: 'erased' }>> = {
  shape: (room) => (room === 'group' ? 'line' : 'bubble'),
  words: (body, _author, { language }) => erasedTexts[language][sentenceOf(body)],
  named: false,
  copied: () => null,
  acts: ['hide'],
}
