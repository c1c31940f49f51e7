import { useEffect, useState } from 'react'
import { askAgain, systemClock, systemRandom, type ApiResult } from '@bongsu/client'
import type { Failure } from '../../text/failure.ts'

/** Number of tries in all. With the waits they take at least a quarter of an hour. */
const triesMax = 30

export interface Asked<T> {
  /** Null while unknown. */
  readonly value: T | null
  /** Why it is unknown. */
  readonly failure: Failure | null
  /** Time of the next automatic try, epoch ms; null when there is none. */
  readonly askAt: number | null
}

const unknown = { value: null, failure: null, askAt: null }

/** Asks the server, repeatedly while it is unreachable or busy [O3]. @param ask null while there is nothing to ask; the same function asks once. */
export function useAsked<T>(ask: (() => Promise<ApiResult<T>>) | null): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>(unknown)
  useEffect(() => {
    setAsked(unknown)
    if (ask === null) return
    let left = false
    const asking = askAgain({
      clock: systemClock,
      random: systemRandom,
      ask,
      triesMax,
      offlineToo: true,
      putOff: (failure, askAt) => setAsked({ value: null, failure, askAt }),
    })
    void asking.answer.then((answer) => {
      if (left) return
      setAsked(answer.ok ? { value: answer.value, failure: null, askAt: null } : { value: null, failure: answer, askAt: null })
    })
    return () => {
      left = true
      asking.stop()
    }
  }, [ask])
  return asked
}
