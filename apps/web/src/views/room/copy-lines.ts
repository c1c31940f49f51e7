import type { EntryBody } from '@bongsu/protocol'
import { lookOf } from '../../kinds/kinds.ts'

export interface Copyable {
  readonly author: string
  readonly body: EntryBody
  readonly time: number
}

/** Several messages as text: `name, time: text` for each. A single message is copied as its text alone. */
export function copyLines(messages: readonly Copyable[], nameOf: (author: string) => string, timeOf: (time: number) => string): string {
  const lines = messages.flatMap((message) => {
    const text = lookOf(message.body.kind).copied(message.body)
    return text === null ? [] : [{ ...message, text }]
  })
  const [first] = lines
  if (lines.length === 1 && first !== undefined) return first.text
  return lines.map(({ author, time, text }) => `${nameOf(author)}, ${timeOf(time)}: ${text}`).join('\n')
}
