import { useRef, type KeyboardEvent } from 'react'
import { useTexts } from '../adapters/settings-store.ts'
import { CloseIcon, SearchIcon } from './icons.tsx'

export function SearchField({
  label,
  value,
  onChange,
  testId,
  grid,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly testId: string
  /** The grid that arrow keys reach from here, and the id of its active cell. */
  readonly grid?: { readonly id: string; readonly active: string | undefined; readonly onKeyDown: (event: KeyboardEvent) => void }
}) {
  const texts = useTexts()
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="search-field" role="search">
      <SearchIcon size={18} />
      <input
        ref={input}
        type="text"
        enterKeyHint="search"
        placeholder={label}
        aria-label={label}
        {...(grid === undefined
          ? {}
          : { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': true, 'aria-controls': grid.id, 'aria-activedescendant': grid.active })}
        value={value}
        data-testid={testId}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          grid?.onKeyDown(event)
          if (event.key === 'Escape' && value !== '') {
            // What is around the field stays open.
            event.stopPropagation()
            event.preventDefault()
            onChange('')
          }
        }}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={texts.clearSearch}
          onClick={() => {
            onChange('')
            input.current?.focus()
          }}
        >
          <CloseIcon size={16} />
        </button>
      )}
    </div>
  )
}
