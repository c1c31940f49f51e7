import type { ReactNode } from 'react'
import type { Act } from '@bongsu/protocol'
import type { Language } from '../text/language.ts'

/** How a mark looks that an entry either has or has not. reactions.tsx draws reactions, which are counted. */
export interface MarkLook {
  /** Words at the foot of a message with the mark. */
  readonly label: Readonly<Record<Language, string>>
  /** The menu item that sets the mark or takes it back; null for none. */
  readonly toggle: {
    readonly icon: ReactNode
    readonly words: (isSet: boolean) => Readonly<Record<Language, string>>
    readonly act: (isSet: boolean) => Act
  } | null
}
