import type { ReactNode } from 'react'
import type { Act } from '@bongsu/protocol'
import type { Language } from '../text/language.ts'

/** How a mark looks that an entry either has or has not. Reactions, which are counted, are drawn by reactions.tsx. */
export interface MarkLook {
  /** Words at the foot of a message that has the mark. */
  readonly label: Readonly<Record<Language, string>>
  /** The item of a message's menu that sets the mark or takes it back; null: none. */
  readonly toggle: {
    readonly icon: ReactNode
    readonly words: (isSet: boolean) => Readonly<Record<Language, string>>
    readonly act: (isSet: boolean) => Act
  } | null
}
