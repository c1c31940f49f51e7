import { useEffect, useRef, useState, type ComponentType } from 'react'
import { useTexts } from '../adapters/settings-store.ts'
import { toast } from './toast.tsx'

/** A part of the app that is loaded at its first use. When it cannot be loaded, only this part is missing, and the next press tries again. */
export function later<Props extends { readonly onClose: () => void }>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null
  return function Later(props: Props) {
    const texts = useTexts()
    const [, setLoaded] = useState(loaded !== null)
    const now = useRef({ texts, props })
    now.current = { texts, props }
    useEffect(() => {
      if (loaded !== null) return
      let isGone = false
      load().then(
        (part) => {
          loaded = part
          if (!isGone) setLoaded(true)
        },
        () => {
          if (isGone) return
          toast(now.current.texts.partFailed)
          now.current.props.onClose()
        },
      )
      return () => {
        isGone = true
      }
    }, [])
    const Part = loaded
    return Part === null ? null : <Part {...props} />
  }
}
