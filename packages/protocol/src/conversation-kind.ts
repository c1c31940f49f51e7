import { Type, type Static } from 'typebox'

export const ConversationKindSchema = Type.Union([Type.Literal('direct'), Type.Literal('group'), Type.Literal('self')], {
  description: 'direct: two people, one conversation for each pair. group: up to 3,000. self: one’s own notes (나와의 채팅), one for each account.',
})
export type ConversationKind = Static<typeof ConversationKindSchema>
