import { useEffect } from 'react'
import { useTexts } from '../../adapters/settings-store.ts'
import { useCloseRequest } from '../../parts/use-close-request.ts'

interface SelectBarProps {
  readonly count: number
  readonly onCopy: () => void
  readonly onCancel: () => void
}

/** Replaces the composer while messages are being selected. */
export function SelectBar({ count, onCopy, onCancel }: SelectBarProps) {
  const texts = useTexts()
  useCloseRequest(onCancel)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return
      // The room behind stays open.
      event.preventDefault()
      onCancel()
    }
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [onCancel])
  return (
    <div className="select-bar" role="toolbar" aria-label={texts.select} data-testid="select-bar">
      <button type="button" className="button button-quiet" onClick={onCancel} data-testid="select-cancel">
        {texts.cancel}
      </button>
      <p role="status">{texts.selecting(count)}</p>
      <button type="button" className="button button-main" disabled={count === 0} onClick={onCopy} data-testid="select-copy">
        {texts.copy}
      </button>
    </div>
  )
}
