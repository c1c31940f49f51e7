import type { ReactNode } from 'react'

/** Line icons on a grid of 24. They are always beside or inside an element with a name of its own. */
export function icon(paths: ReactNode) {
  return function Icon({ size = 24 }: { readonly size?: number }) {
    return (
      <svg
        viewBox="0 0 24 24"
        width={size}
        height={size}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.7}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {paths}
      </svg>
    )
  }
}

export const FriendsIcon = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4 20.500c1-4.300 4-6.500 8-6.500s7 2.200 8 6.500" />
  </>,
)
export const ChatsIcon = icon(<path d="M5.500 4.500h13a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H11l-4.500 3.700v-3.700h-1a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z" />)
export const SettingsIcon = icon(
  <>
    <path d="M4 7.500h9M18.500 7.500H20M4 16.500h1.500M11 16.500h9" />
    <circle cx="15.700" cy="7.500" r="2.500" />
    <circle cx="8.300" cy="16.500" r="2.500" />
  </>,
)
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.500" />
    <path d="M16 16l4 4" />
  </>,
)
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />)
export const BackIcon = icon(<path d="M14.500 5.500L8 12l6.500 6.500" />)
export const SendIcon = icon(<path d="M12 19V5.500M6 11l6-6 6 6" />)
export const DownIcon = icon(<path d="M12 5v13.500M6 13l6 6 6-6" />)
export const UpIcon = icon(<path d="M12 19V5.500M6 11l6-6 6 6" />)
export const MenuIcon = icon(<path d="M4.500 7.500h15M4.500 12h15M4.500 16.500h15" />)
export const NewChatIcon = icon(
  <>
    <path d="M20.500 10v4.500a2 2 0 0 1-2 2H11l-4.500 3.700v-3.700h-1a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2H14" />
    <path d="M18.500 2.800v5.400M15.800 5.500h5.400" />
  </>,
)
export const AskIcon = icon(
  <>
    <path d="M5.500 4.500h13a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H11l-4.500 3.700v-3.700h-1a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z" />
    <path d="M8.500 10.500h.01M12 10.500h.01M15.500 10.500h.01" />
  </>,
)
export const AddFriendIcon = icon(
  <>
    <circle cx="10" cy="8" r="4" />
    <path d="M2.500 20.500c.9-4.300 3.700-6.500 7.500-6.500 1.600 0 3 .4 4.200 1.100" />
    <path d="M18.500 14.300v6M15.500 17.300h6" />
  </>,
)
export const QrIcon = icon(
  <>
    <path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z" />
    <path d="M14 14h2.500v2.500M20 14v0M14 20h0M17.500 20H20v-3" />
  </>,
)
export const InviteIcon = icon(
  <>
    <path d="M10 13.500a4.500 4.500 0 0 0 6.800.5l2.700-2.700a4.500 4.500 0 0 0-6.400-6.400l-1.500 1.500" />
    <path d="M14 10.500a4.500 4.500 0 0 0-6.800-.5l-2.700 2.700a4.500 4.500 0 0 0 6.400 6.400l1.500-1.500" />
  </>,
)
export const BookmarkIcon = icon(<path d="M7 4h10a1 1 0 0 1 1 1v15l-6-4.200L6 20V5a1 1 0 0 1 1-1z" />)
export const EyeIcon = icon(
  <>
    <path d="M2.500 12C4.500 8 8 5.800 12 5.800S19.500 8 21.500 12c-2 4-5.500 6.200-9.500 6.200S4.500 16 2.500 12z" />
    <circle cx="12" cy="12" r="2.700" />
  </>,
)
export const EyeOffIcon = icon(
  <>
    <path d="M9.500 6.100c.8-.2 1.600-.3 2.500-.3 4 0 7.500 2.200 9.500 6.200-.7 1.400-1.600 2.600-2.700 3.500M6.200 7.600C4.600 8.700 3.400 10.200 2.500 12c2 4 5.500 6.200 9.500 6.200 1.600 0 3.100-.4 4.500-1.100" />
    <path d="M4 4l16 16" />
  </>,
)
export const RetryIcon = icon(
  <>
    <path d="M19.500 12a7.500 7.500 0 1 1-2.200-5.300" />
    <path d="M19.800 3.500v4h-4" />
  </>,
)
export const TrashIcon = icon(<path d="M5 7h14M10 7V4.800h4V7M7 7l.8 12.200h8.400L17 7" />)
export const BlockIcon = icon(<path d="M12 4.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15zM6.700 6.700l10.600 10.600" />)
export const FlagIcon = icon(<path d="M6 20.500V4M6 5h11l-2.500 4 2.500 4H6" />)
export const LeaveIcon = icon(
  <>
    <path d="M13.500 4.500H6.500a1.500 1.500 0 0 0-1.500 1.500v12a1.500 1.500 0 0 0 1.500 1.500h7" />
    <path d="M10.500 12H20M16.500 8.500L20 12l-3.500 3.500" />
  </>,
)
export const HostIcon = icon(<path d="M4.500 17.500l-1-9 5 3.500L12 6l3.500 6 5-3.500-1 9z" />)
export const PencilIcon = icon(<path d="M5 19l.8-4L16 4.800l3.200 3.200L9 18.200zM13.500 7.300l3.200 3.200" />)
export const ReplyIcon = icon(<path d="M10 6L4.500 11.500 10 17M5 11.500h8.500c4 0 6 2.200 6 6.500" />)
export const SmileIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.500" />
    <path d="M8.500 14.200c1.700 2.300 5.300 2.300 7 0" />
    <path d="M9 9.700v.4M15 9.700v.4" strokeWidth={2.2} />
  </>,
)
export const DotsIcon = icon(<path d="M5.500 12v0M12 12v0M18.500 12v0" strokeWidth={2.6} />)
export const CheckIcon = icon(<path d="M5.500 12.500l4.300 4.300L18.500 8" />)
export const AlertIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.500" />
    <path d="M12 7.800v5M12 16.200v0" strokeWidth={2} />
  </>,
)

/** The beacon: the tower in the ink colour, the fire in the flame colour. */
export function BeaconMark({ size }: { readonly size: number }) {
  return (
    <svg viewBox="0 0 64 64" width={size} height={size} aria-hidden="true" focusable="false">
      <path d="M17 58l4-23h22l4 23z" fill="currentColor" />
      <path d="M18.500 35h27v-6h-5v3H36v-3h-8v3h-4.500v-3h-5z" fill="currentColor" />
      <path
        d="M32 4c1.600 6.200 9 9 9 15.600C41 24.500 37 28 32 28s-9-3.500-9-8.400c0-3.600 2.300-5.700 3.600-8.600.8 2 1.700 3 3 3.700C29.200 11 30.300 7.200 32 4z"
        fill="var(--flame)"
      />
    </svg>
  )
}
