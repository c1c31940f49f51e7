import { Type } from 'typebox'
import { PersonSchema, ReachSchema } from './account.ts'
import { described } from './described.ts'
import { AccountIdSchema, ConversationIdSchema } from './ids.ts'
import { SeqSchema } from './message.ts'
import { ConversationKindSchema } from './conversation-kind.ts'
import { PATHS } from './paths.ts'

const closed = { additionalProperties: false }
const Empty = Type.Object({}, closed)

/** Operations by which people keep others, and conversations, away from them [B1-B5]. */
export const SAFETY_ROUTES = {
  block: {
    ...PATHS.block,
    about: 'Block a person whose name one may see. They are not told [B1].',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: PersonSchema,
  },
  unblock: {
    ...PATHS.unblock,
    about: 'Unblock a person.',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: Empty,
  },
  putAwayAdded: {
    ...PATHS.putAwayAdded,
    about: 'Put away that somebody has added this account as a friend, on all its devices. They are not told [B45].',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    reply: Empty,
  },
  leaveDirect: {
    ...PATHS.leaveDirect,
    about:
      'Leave the conversation of two people: everything up to `seq` is gone for this account. The other one is not told, and may write again [B4].',
    params: Type.Object({ accountId: AccountIdSchema }, closed),
    query: Type.Object({ seq: described(SeqSchema, 'The last entry that the device holds. Beyond the head it counts as the head.') }, closed),
    reply: Empty,
  },
  putAside: {
    ...PATHS.putAside,
    about: 'Put a conversation aside: out of the list until something new comes [B5].',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    body: Type.Object({ seq: described(SeqSchema, 'The last entry that the device holds.') }, closed),
    reply: Empty,
  },
  takeBack: {
    ...PATHS.takeBack,
    about: 'Take a conversation back into the list.',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    reply: Empty,
  },
  acceptRequest: {
    ...PATHS.acceptRequest,
    about: 'Let the person in who waits in this conversation, or come into the group. It comes to all devices of this account [B41, B44].',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    reply: Type.Object({ conversationId: ConversationIdSchema, kind: ConversationKindSchema }),
  },
  declineRequest: {
    ...PATHS.declineRequest,
    about: 'Do not let that person in. They are not told, and do not ask again [B41].',
    params: Type.Object({ conversationId: ConversationIdSchema }, closed),
    reply: Empty,
  },
  setReach: {
    ...PATHS.setReach,
    about: 'Choose who reaches this account without being asked [B40].',
    body: Type.Object({ from: ReachSchema }, closed),
    reply: Empty,
  },
} as const
