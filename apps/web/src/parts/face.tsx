import type { Person } from '@bongsu/protocol'
import { faceColour } from './face-colour.ts'
import { givenName, initialOf } from './face-letters.ts'
import { BookmarkIcon } from './icons.tsx'

type Size = 'xs' | 's' | 'm' | 'l' | 'xl'

/** A rounded square with a person's given name or initial, coloured by the id. It stands beside a name, so screen readers skip it. */
export function Face({ id, name, size = 'm' }: { readonly id: string; readonly name: string | null; readonly size?: Size }) {
  const given = givenName(name ?? '')
  return (
    <span className={`face face-${size} face-colour-${faceColour(id)}${given === null ? '' : ' face-two'}`} aria-hidden="true">
      {given ?? initialOf(name ?? '')}
    </span>
  )
}

/** A group whose people are not known. */
export function TitleFace({ id, title, size = 'm' }: { readonly id: string; readonly title: string; readonly size?: Size }) {
  return (
    <span className={`face face-${size} face-colour-${faceColour(id)}`} aria-hidden="true">
      {initialOf(title)}
    </span>
  )
}

export function NotesFace({ size = 'm' }: { readonly size?: Size }) {
  return (
    <span className={`face face-${size} face-notes`} aria-hidden="true">
      <BookmarkIcon size={size === 's' ? 20 : 24} />
    </span>
  )
}

const mosaicMax = 4

/** A group: up to four of its people together, so that it differs from a person by its shape. */
export function PeopleFace({ people, size = 'm' }: { readonly people: readonly Person[]; readonly size?: Size }) {
  const shown = people.slice(0, mosaicMax)
  return (
    <span className={`face-mosaic face-${size} face-mosaic-${shown.length}`} aria-hidden="true">
      {shown.map((person) => (
        <span key={person.accountId} className={`face-colour-${faceColour(person.accountId)}`}>
          {initialOf(givenName(person.displayName) ?? person.displayName)}
        </span>
      ))}
    </span>
  )
}
