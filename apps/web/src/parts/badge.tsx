const shownMax = 300

/** A count in the flame colour. 0 shows nothing. */
export function Badge({ count, label }: { readonly count: number; readonly label: string }) {
  if (count === 0) return null
  return (
    <span className="badge" data-testid="badge">
      <span aria-hidden="true">{count > shownMax ? `${shownMax}+` : count}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  )
}
