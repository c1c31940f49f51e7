import type { ReactNode } from 'react'
import { BeaconMark } from './icons.tsx'

/** An empty place, with a suggestion what to do. */
export function Empty({
  title,
  about,
  children,
  mark = false,
}: {
  readonly title: string
  readonly about?: string
  readonly children?: ReactNode
  readonly mark?: boolean
}) {
  return (
    <div className="empty">
      {mark && <BeaconMark size={56} />}
      <p className="empty-title">{title}</p>
      {about !== undefined && <p className="empty-about">{about}</p>}
      {children}
    </div>
  )
}
