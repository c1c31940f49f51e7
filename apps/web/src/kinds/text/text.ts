import type { TextBody } from '../coming.ts'
import type { Look } from '../look.ts'

export const text: Look<TextBody> = {
  shape: () => 'bubble',
  words: (body) => body.text,
  named: true,
  copied: (body) => body.text,
  acts: ['reply', 'react', 'copy', 'edit', 'select', 'details', 'hide', 'erase'],
}
