import { useTexts } from '../../adapters/settings-store.ts'
import { DownIcon } from '../../parts/icons.tsx'

/** One line of the text is shown. */
const previewUnitsMax = 80

interface LatestButtonProps {
  readonly away: boolean
  readonly count: number
  readonly preview: { readonly name: string; readonly text: string } | null
  readonly onPress: () => void
}

/** The button to the newest message, with what arrived meanwhile. */
export function LatestButton({ away, count, preview, onPress }: LatestButtonProps) {
  const texts = useTexts()
  if (preview !== null && count > 0) {
    return (
      <button type="button" className="latest latest-news" onClick={onPress} data-testid="to-latest" data-count={count}>
        <span className="latest-name">{preview.name}</span>
        <span className="latest-text">{preview.text.slice(0, previewUnitsMax)}</span>
        <span className="badge">
          <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
          <span className="visually-hidden">{texts.newMessages(count)}</span>
        </span>
        <DownIcon size={18} />
      </button>
    )
  }
  if (!away) return null
  return (
    <button type="button" className="latest" onClick={onPress} aria-label={texts.toLatest} data-testid="to-latest" data-count="0">
      <DownIcon size={20} />
    </button>
  )
}
