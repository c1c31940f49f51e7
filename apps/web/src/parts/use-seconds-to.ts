import { useEffect, useReducer } from 'react'
import { msToNextSecond, secondsTo } from '../text/countdown.ts'

/** Seconds to a time (epoch ms of this device), updated while shown; 0 without a time. */
export function useSecondsTo(time: number | null): number {
  const [, look] = useReducer((looks: number) => looks + 1, 0)
  useEffect(() => {
    if (time === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const plan = (): void => {
      const nextMs = msToNextSecond(time, Date.now())
      if (nextMs === null) return
      timer = setTimeout(() => {
        look()
        plan()
      }, nextMs)
    }
    plan()
    return () => clearTimeout(timer)
  }, [time])
  // Computed during rendering: the last value of an earlier wait would be shown for a moment.
  return time === null ? 0 : secondsTo(time, Date.now())
}
