import type { Person } from '@bongsu/protocol'
import { useShownName, useView } from '../app-context.ts'
import { useTexts } from '../adapters/settings-store.ts'

/** Says that a person is staff. Nothing but `staff` of the person, which the server says, brings it onto the screen [B32]. */
export function StaffBadge() {
  const texts = useTexts()
  return (
    <span className="staff" title={texts.staffAbout} data-testid="staff">
      <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true" focusable="false">
        <path
          d="M6 0c.5 2.300 3.300 3.400 3.300 6.200A3.300 3.300 0 0 1 6 9.500a3.300 3.300 0 0 1-3.300-3.300C2.700 4.600 4 3.800 4.200 2.800 5 3.200 5.200 1.400 6 0zM2 10.500h8V12H2z"
          fill="currentColor"
        />
      </svg>
      {texts.staff}
    </span>
  )
}

/** A name in a line of its own, and the badge beside it. */
export function PersonName({ person }: { readonly person: Person }) {
  const shownName = useShownName()
  const { blocked } = useView().replica
  return (
    <span className="person-name">
      <bdi className="row-name">{shownName(person)}</bdi>
      {person.staff === true && !blocked.has(person.accountId) && <StaffBadge />}
    </span>
  )
}
