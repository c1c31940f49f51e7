import { useCallback, useEffect, useState, type ComponentType } from 'react'
import { isReplaced } from '../adapters/app-version.ts'
import { openAnew } from '../adapters/service-worker.ts'
import { useTexts } from '../adapters/settings-store.ts'

/**
 * A part of the app that is loaded at its first use [C9]. When it does not come, a line says so and offers another try, and everything else stays as
 * it is.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null
  return function Later(props: Props) {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(loaded === null ? 'loading' : 'loaded')
    useEffect(() => {
      if (state !== 'loading') return
      let isGone = false
      load().then(
        (part) => {
          loaded = part
          if (!isGone) setState('loaded')
        },
        () => {
          if (!isGone) setState('failed')
        },
      )
      return () => {
        isGone = true
      }
    }, [state])
    const again = useCallback(() => setState('loading'), [])
    const Part = loaded
    if (Part !== null) return <Part {...props} />
    return state === 'failed' ? <PartFailed onRetry={again} onClose={'onClose' in props ? (props.onClose as () => void) : null} /> : null
  }
}

/** @param onClose null for a part that is a page of its own. */
function PartFailed({ onRetry, onClose }: { readonly onRetry: () => void; readonly onClose: (() => void) | null }) {
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
      <p>{replaced ? texts.partReplaced : texts.partFailed}</p>
      {replaced ? (
        <button type="button" className="text-button" onClick={() => void openAnew()} data-testid="part-reload">
          {texts.connReload}
        </button>
      ) : (
        <button type="button" className="text-button" onClick={onRetry} data-testid="part-retry">
          {texts.retry}
        </button>
      )}
      {onClose !== null && (
        <button type="button" className="text-button" onClick={onClose} data-testid="part-close">
          {texts.close}
        </button>
      )}
    </div>
  )
}
