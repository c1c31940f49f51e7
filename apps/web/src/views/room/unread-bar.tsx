import { useTexts } from '../../adapters/settings-store.ts'
import { CloseIcon, UpIcon } from '../../parts/icons.tsx'

interface UnreadBarProps {
  /** Unread messages above the view. */
  readonly count: number
  readonly onLine: () => void
  /** Marks everything as read; null when everything is read. */
  readonly onReadAll: (() => void) | null
  readonly onClose: () => void
}

/** The way back to where reading stopped, while that place is above the view. */
export function UnreadBar({ count, onLine, onReadAll, onClose }: UnreadBarProps) {
  const texts = useTexts()
  return (
    <div className="unread-bar" data-testid="unread-bar">
      <button type="button" className="unread-bar-line" onClick={onLine} data-testid="to-line">
        <UpIcon size={16} />
        {count > 0 ? texts.unreadAbove(count) : texts.toLine}
      </button>
      {onReadAll === null ? (
        <button type="button" className="icon-button" aria-label={texts.close} onClick={onClose}>
          <CloseIcon size={16} />
        </button>
      ) : (
        <button type="button" className="text-button" onClick={onReadAll} data-testid="read-all">
          {texts.readAll}
        </button>
      )}
    </div>
  )
}
