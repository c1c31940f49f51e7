import { emojiGroupKeys, toned, type EmojiGroup, type EmojiRow, type Tone } from './emoji-row.ts'
import { findEmoji } from './find-emoji.ts'

export interface Cell {
  readonly emoji: string
  readonly ko: string
  readonly en: string
}

export type GroupKey = 'recent' | 'found' | (typeof emojiGroupKeys)[number]

/** The picker as lines: a heading, or cells side by side. `at` is the index of the first cell among all cells. */
export type Line =
  | { readonly group: GroupKey; readonly cells: null }
  | { readonly group: GroupKey; readonly cells: readonly Cell[]; readonly at: number }

interface LinesInput {
  readonly groups: readonly EmojiGroup[]
  readonly recent: readonly string[]
  readonly query: string
  readonly tone: Tone
  readonly columns: number
}

export function emojiLines({ groups, recent, query, tone, columns }: LinesInput): readonly Line[] {
  const lines: Line[] = []
  let at = 0
  const add = (group: GroupKey, cells: readonly Cell[]): void => {
    if (cells.length === 0) return
    lines.push({ group, cells: null })
    for (let from = 0; from < cells.length; from += columns) {
      const some = cells.slice(from, from + columns)
      lines.push({ group, cells: some, at })
      at += some.length
    }
  }
  const cell = (row: EmojiRow): Cell => ({ emoji: toned(row, tone), ko: row[1], en: row[2] })
  if (query.trim() !== '') {
    add('found', findEmoji(groups, query).map(cell))
    return lines
  }
  add(
    'recent',
    recent.map((emoji) => ({ emoji, ko: emoji, en: emoji })),
  )
  groups.forEach((group, index) => {
    const key = emojiGroupKeys[index]
    if (key !== undefined) add(key, group.map(cell))
  })
  return lines
}

/** The cell that an arrow key leads to. Up and down go to the same column of the next line with cells. */
export function cellAfter(lines: readonly Line[], active: number, key: string, columns: number): number {
  const full = lines.filter((line) => line.cells !== null)
  const last = full.at(-1)
  const count = last === undefined ? 0 : last.at + last.cells.length
  const line = full.findIndex(({ at, cells }) => active >= at && active < at + cells.length)
  if (count === 0) return -1
  if (key === 'ArrowRight') return Math.min(count - 1, active + 1)
  if (key === 'ArrowLeft') return Math.max(0, active - 1)
  const next = full[key === 'ArrowDown' ? line + 1 : line - 1]
  if (next === undefined || line === -1) return line === -1 ? 0 : active
  const column = Math.min(columns - 1, active - (full[line]?.at ?? 0))
  return next.at + Math.min(column, next.cells.length - 1)
}
