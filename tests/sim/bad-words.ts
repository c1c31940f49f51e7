import type { DownFrameOf } from '@bongsu/protocol'
import { roomId } from '../worlds/names.ts'
import type { Chance } from './chance.ts'

/** Something that is no frame of this protocol, and what whoever says it is to be answered [W1]. */
export interface BadWord {
  readonly text: string
  readonly answer: Pick<DownFrameOf<'refused'>, 'code' | 're' | 'id'>
}

export function badWord(chance: Chance): BadWord {
  const conversationId = roomId(1)
  const id = chance.uuid() as DownFrameOf<'accepted'>['id']
  return chance.pick<BadWord>([
    { text: '{"t":"ping","n', answer: { code: 'frame-malformed' } },
    { text: '["ping"]', answer: { code: 'frame-malformed' } },
    { text: '{"t":"sing","loud":true}', answer: { code: 'frame-unknown', re: 'sing' } },
    { text: JSON.stringify({ t: 'read', conversationId, seq: -1 }), answer: { code: 'frame-malformed', re: 'read' } },
    {
      text: JSON.stringify({ t: 'send', id, conversationId, body: { kind: 'text', text: 'with a field too many' }, mood: 'new' }),
      answer: { code: 'frame-malformed', re: 'send', id },
    },
  ])
}
