import { icon } from '../../../parts/icons.tsx'

/** Icons of the menu, loaded together with it. */
export const CopyIcon = icon(
  <>
    <rect x="8.500" y="8.500" width="11" height="11" rx="2.500" />
    <path d="M15.500 8V6.500A2.500 2.500 0 0 0 13 4H7a2.500 2.500 0 0 0-2.500 2.500v6.500A2.500 2.500 0 0 0 7 15.500h1" />
  </>,
)
export const SelectIcon = icon(
  <>
    <path d="M4 6.500l1.500 1.500 3-3M4 16.500l1.500 1.500 3-3" />
    <path d="M12 7h8M12 17h8" />
  </>,
)
export const InfoIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.500" />
    <path d="M12 11.500v4.500" />
    <path d="M12 8v0" strokeWidth={2.2} />
  </>,
)
export const PeopleIcon = icon(
  <>
    <circle cx="9" cy="8.500" r="3.500" />
    <path d="M2.800 19c.8-3.600 3-5.500 6.200-5.500s5.400 1.900 6.200 5.500" />
    <path d="M15.500 5.300a3.500 3.500 0 0 1 0 6.400M17.500 14c1.900.8 3.200 2.500 3.700 5" />
  </>,
)
