import type { Room } from '@bongsu/client'
import { Face, NotesFace, PeopleFace } from './face.tsx'

/** The face of a conversation: of the other person, of a named group, of a group's people, or of one's notes. */
export function RoomFace({ room, size = 'm' }: { readonly room: Room; readonly size?: 's' | 'm' }) {
  const { kind, title, people } = room.meta
  const [first] = people
  if (kind === 'self') return <NotesFace size={size} />
  if (kind === 'direct' && first !== undefined) return <Face id={first.accountId} name={first.displayName} size={size} />
  if (title === '' && people.length > 1) return <PeopleFace people={people} size={size} />
  return <Face id={room.conversationId} name={title || (first?.displayName ?? '')} size={size} />
}
