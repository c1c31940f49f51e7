import { useTexts } from '../../adapters/settings-store.ts'
import { CheckIcon, DownIcon } from '../../parts/icons.tsx'
import { clip } from '../../text/cut-text.ts'

/** One line of the text is shown. */
const previewUnitsMax = 80

interface LatestButtonProps {
  readonly away: boolean
  readonly count: number
  readonly preview: { readonly name: string; readonly text: string } | null
  readonly onPress: () => void
  /** Marks everything as read without going there. */
  readonly onReadAll: () => void
}

/** The button to the newest message, with what arrived meanwhile. It has a line of its own below the log, so that it covers no text. */
export function LatestButton({ away, count, preview, onPress, onReadAll }: LatestButtonProps) {
  const texts = useTexts()
  if (preview !== null && count > 0) {
    return (
      <div className="latest-line">
        <button type="button" className="latest latest-news" onClick={onPress} data-testid="to-latest" data-count={count}>
          <span className="latest-name">{preview.name}</span>
          <span className="latest-text">{clip(preview.text, previewUnitsMax)}</span>
          <span className="badge">
            <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
            <span className="visually-hidden">{texts.newMessages(count)}</span>
          </span>
          <DownIcon size={18} />
        </button>
        <button type="button" className="latest" onClick={onReadAll} aria-label={texts.readAll} title={texts.readAll} data-testid="read-all">
          <CheckIcon size={20} />
        </button>
      </div>
    )
  }
  if (!away) return null
  return (
    <div className="latest-line">
      <button
        type="button"
        className="latest"
        onClick={onPress}
        aria-label={texts.toLatest}
        title={texts.toLatest}
        data-testid="to-latest"
        data-count="0"
      >
        <DownIcon size={20} />
      </button>
    </div>
  )
}
