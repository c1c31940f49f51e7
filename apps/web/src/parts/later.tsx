import { useCallback, useEffect, useState, type ComponentType } from 'react'
import { paths } from '../route.ts'
import { Boundary } from './boundary.tsx'
import { PartFailed } from './part-failed.tsx'

/**
 * A part of the app that is loaded at its first use [C9]. When it does not come, or fails, a line says so and offers another try, and everything else
 * stays as it is.
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
    const ways = { onClose: 'onClose' in props ? (props.onClose as () => void) : null, out: paths.chats }
    if (Part !== null) {
      return (
        <Boundary {...ways}>
          <Part {...props} />
        </Boundary>
      )
    }
    return state === 'failed' ? <PartFailed onRetry={again} {...ways} /> : null
  }
}
