export interface TownLine {
  readonly author: string
  readonly text: string
  /** Whole minutes before now; never rising from one line of a room to the next. */
  readonly minutesAgo: number
  /** A new subject, so it answers nothing. */
  readonly begins: boolean
  /** The line of its room that it answers with a quote. */
  readonly answers?: number
  readonly reactions?: readonly { readonly who: string; readonly emoji: string }[]
}

export interface TownRoom {
  readonly title: string
  readonly kind: 'direct' | 'group' | 'self'
  /** Handles; the first one founds the room. */
  readonly members: readonly string[]
  /** Oldest first. */
  readonly lines: readonly TownLine[]
}
