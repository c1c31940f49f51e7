import type { EntryBody } from '@bongsu/protocol'
import type { Look } from '../look.ts'

export const text: Look<Extract<EntryBody, { kind: 'text' }>> = {
  shape: () => 'bubble',
  words: (body) => body.text,
  named: true,
  copied: (body) => body.text,
  acts: ['reply', 'react', 'copy', 'edit', 'select', 'details', 'report', 'block', 'hide', 'erase'],
}
