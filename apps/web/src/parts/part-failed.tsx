import { useEffect, useState } from 'react'
import { isReplaced } from '../adapters/app-version.ts'
import { openAnew } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'

interface PartFailedProps {
  /** It came, and failed. Otherwise it did not come. */
  readonly isBroken?: boolean
  readonly onRetry: () => void
  /** Null for a part that is a page of its own. */
  readonly onClose?: (() => void) | null
  /** Where a page without a rail leads out. */
  readonly out?: string
}

/** Stands in the place of a part that failed [C9]. */
export function PartFailed({ isBroken = false, onRetry, onClose = null, out }: PartFailedProps) {
  const texts = useTexts()
  const [replaced, setReplaced] = useState(false)
  useEffect(() => {
    let isGone = false
    void isReplaced().then((is) => !isGone && setReplaced(is))
    addEventListener('online', onRetry)
    return () => {
      isGone = true
      removeEventListener('online', onRetry)
    }
  }, [onRetry])
  return (
    <div
      className={onClose === null ? 'part-failed part-failed-page' : 'part-failed'}
      role="alert"
      data-testid="part-failed"
      data-replaced={replaced}
    >
      <p>{replaced ? texts.partReplaced : isBroken ? texts.partBroken : texts.partFailed}</p>
      {replaced ? (
        <button type="button" className="text-button" onClick={() => void openAnew()} data-testid="part-reload">
          {texts.connReload}
        </button>
      ) : (
        <button type="button" className="text-button" onClick={onRetry} data-testid="part-retry">
          {texts.retry}
        </button>
      )}
      {onClose === null && out !== undefined && (
        <a className="text-button" href={out} data-testid="part-out">
          {texts.back}
        </a>
      )}
      {onClose !== null && (
        <button type="button" className="text-button" onClick={onClose} data-testid="part-close">
          {texts.close}
        </button>
      )}
    </div>
  )
}
