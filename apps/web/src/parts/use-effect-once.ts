import { useEffect, useRef } from 'react'

/** Runs once when the part appears, even where React mounts twice to find mistakes. */
export function useEffectOnce(run: () => void): void {
  const done = useRef(false)
  useEffect(() => {
    if (done.current) return
    done.current = true
    run()
  })
}
