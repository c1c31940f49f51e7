import type { Room } from '@bongsu/client'
import { useView } from '../app-context.ts'
import { Face, NotesFace, PeopleFace, TitleFace } from './face.tsx'

/** The face of a conversation: of the other person, of a group's people, or of one's notes. */
export function RoomFace({ room, size = 'm' }: { readonly room: Room; readonly size?: 's' | 'm' }) {
  const { blocked } = useView().replica
  const { kind, title } = room.meta
  const people = kind === 'direct' ? room.meta.people : room.meta.people.filter(({ accountId }) => !blocked.has(accountId))
  const [first] = people
  if (kind === 'self') return <NotesFace size={size} />
  if (kind === 'direct' && first !== undefined) return <Face id={first.accountId} name={first.displayName} size={size} />
  if (people.length > 1) return <PeopleFace people={people} size={size} />
  return <TitleFace id={room.conversationId} title={title || (first?.displayName ?? '')} size={size} />
}
