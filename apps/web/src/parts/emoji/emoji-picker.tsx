import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react'
import groups from 'virtual:emoji'
import { VList, type VListHandle } from 'virtua'
import { emojiTone, recentEmoji, rememberEmoji, rememberTone } from '../../adapters/emoji-store.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { SearchField } from '../search-field.tsx'
import { touchQuery } from '../use-media.ts'
import { cellAfter, emojiLines, type GroupKey } from './emoji-lines.ts'
import { emojiGroupKeys, inTone, TONES, type Tone } from './emoji-row.ts'
import { groupNames } from './emoji-texts.ts'
import './emoji-picker.css'

/** One cell with the space around it. */
const cellPx = 44

const signs: Readonly<Record<(typeof emojiGroupKeys)[number] | 'recent', string>> = {
  recent: '🕐',
  faces: '😀',
  people: '👋',
  nature: '🐻',
  food: '🍎',
  travel: '🚗',
  activities: '⚽',
  objects: '💡',
  symbols: '💜',
  flags: '🏁',
}

/** Any emoji, by sight or by name. The focus stays in the search field, and arrow keys move through the grid from there. */
export function EmojiPicker({ onPick }: { readonly onPick: (emoji: string) => void }) {
  const texts = useTexts()
  const language = useLanguage()
  const gridId = useId()
  const place = useRef<HTMLDivElement>(null)
  const list = useRef<VListHandle>(null)
  const [query, setQuery] = useState('')
  const [tone, setTone] = useState<Tone>(emojiTone)
  const [recent] = useState(recentEmoji)
  const [columns, setColumns] = useState(8)
  const [active, setActive] = useState(-1)
  const [group, setGroup] = useState<GroupKey>(recent.length > 0 ? 'recent' : 'faces')
  const wanted = useDeferredValue(query)
  const lines = useMemo(() => emojiLines({ groups, recent, query: wanted, tone, columns }), [recent, wanted, tone, columns])

  useEffect(() => {
    const element = place.current
    if (element === null) return
    const measure = new ResizeObserver(([entry]) => entry !== undefined && setColumns(Math.max(4, Math.floor(entry.contentRect.width / cellPx))))
    measure.observe(element)
    // On a phone the keyboard would cover the emoji.
    if (!matchMedia(touchQuery).matches) element.parentElement?.querySelector('input')?.focus({ preventScroll: true })
    return () => measure.disconnect()
  }, [])

  useEffect(() => setActive(wanted.trim() === '' ? -1 : 0), [wanted])

  function pick(emoji: string): void {
    rememberEmoji(emoji)
    onPick(emoji)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      const cell = lines.flatMap(({ cells }) => cells ?? [])[active]
      if (cell === undefined) return
      event.preventDefault()
      pick(cell.emoji)
      return
    }
    const sideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight'
    // In the search field the caret moves, until the grid has been entered.
    if (!(event.key === 'ArrowDown' || event.key === 'ArrowUp' || (sideways && active !== -1 && query === ''))) return
    event.preventDefault()
    const next = active === -1 ? 0 : cellAfter(lines, active, event.key, columns)
    setActive(next)
    const line = lines.findIndex((one) => one.cells !== null && next >= one.at && next < one.at + one.cells.length)
    if (line !== -1) list.current?.scrollToIndex(line, { align: 'nearest' })
  }

  const nameOf = (key: GroupKey): string => (key === 'recent' ? texts.emojiRecent : key === 'found' ? texts.search : groupNames[language][key])
  return (
    <div className="emoji-picker" data-testid="emoji-picker">
      <div className="emoji-top">
        <SearchField
          label={texts.emojiSearch}
          value={query}
          onChange={setQuery}
          testId="emoji-search"
          grid={{ id: gridId, active: active === -1 ? undefined : `${gridId}-${active}`, onKeyDown }}
        />
        <ToneChoice
          tone={tone}
          onChange={(next) => {
            rememberTone(next)
            setTone(next)
          }}
        />
      </div>
      <div className="emoji-place" ref={place} style={{ '--columns': columns } as CSSProperties}>
        {lines.length === 0 && (
          <p className="emoji-none" role="status">
            {texts.emojiNone(wanted.trim())}
          </p>
        )}
        <VList
          ref={list}
          id={gridId}
          role="grid"
          aria-label={texts.emoji}
          className="emoji-grid"
          onScroll={(offset) => {
            const line = lines[list.current?.findItemIndex(offset + 1) ?? 0]
            if (line !== undefined) setGroup(line.group)
          }}
        >
          {lines.map((line, index) =>
            line.cells === null ? (
              <div key={line.group} role="row">
                <div role="rowheader" className="emoji-heading">
                  {nameOf(line.group)}
                </div>
              </div>
            ) : (
              <div key={`${line.group}-${index}`} role="row" className="emoji-row">
                {line.cells.map((cell, column) => (
                  <button
                    key={cell.emoji}
                    id={`${gridId}-${line.at + column}`}
                    type="button"
                    role="gridcell"
                    tabIndex={-1}
                    aria-label={cell[language]}
                    title={cell[language]}
                    aria-selected={line.at + column === active}
                    // The field for the emoji keeps its focus.
                    onPointerDown={(event) => event.preventDefault()}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => pick(cell.emoji)}
                    data-testid="emoji"
                  >
                    {cell.emoji}
                  </button>
                ))}
              </div>
            ),
          )}
        </VList>
      </div>
      {wanted.trim() === '' && (
        <div className="emoji-groups" role="group" aria-label={texts.emojiGroups}>
          {(['recent', ...emojiGroupKeys] as const)
            .filter((key) => key !== 'recent' || recent.length > 0)
            .map((key) => (
              <button
                key={key}
                type="button"
                aria-label={nameOf(key)}
                title={nameOf(key)}
                aria-pressed={group === key}
                onPointerDown={(event) => event.preventDefault()}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => {
                  const line = lines.findIndex((one) => one.group === key)
                  list.current?.scrollToIndex(line, { align: 'start' })
                  setGroup(key)
                }}
              >
                {signs[key]}
              </button>
            ))}
        </div>
      )}
    </div>
  )
}

function ToneChoice({ tone, onChange }: { readonly tone: Tone; readonly onChange: (tone: Tone) => void }) {
  const texts = useTexts()
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="emoji-tone">
      <button type="button" aria-label={texts.emojiTone} title={texts.emojiTone} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {inTone('✋', tone)}
      </button>
      {isOpen && (
        <div className="emoji-tones" role="group" aria-label={texts.emojiTone}>
          {([0, ...TONES] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-label={`${texts.emojiTone} ${one}`}
              aria-pressed={one === tone}
              onClick={() => {
                onChange(one)
                setOpen(false)
              }}
            >
              {inTone('✋', one)}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
