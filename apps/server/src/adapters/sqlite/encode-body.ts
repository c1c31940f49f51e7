import type { EntryBody } from '@bongsu/protocol'

/** The one JSON text of a body: its fields in a fixed order, so that two bodies are the same exactly when their texts are [M2]. */
export function encodeBody(body: EntryBody): string {
  switch (body.kind) {
    case 'text':
      return `{"kind":"text","text":${JSON.stringify(body.text)}}`
    case 'renamed':
      return `{"kind":"renamed","title":${JSON.stringify(body.title)}}`
    case 'left':
      return '{"kind":"left"}'
    case 'invited':
      return `{"kind":"invited","accounts":${JSON.stringify(body.accounts)}}`
    case 'created':
      return `{"kind":"created","title":${JSON.stringify(body.title)},"accounts":${JSON.stringify(body.accounts)}}`
  }
}
