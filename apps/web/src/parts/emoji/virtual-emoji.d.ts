declare module 'virtual:emoji' {
  import type { EmojiGroup } from './emoji-row.ts'

  const groups: readonly EmojiGroup[]
  export default groups
}
