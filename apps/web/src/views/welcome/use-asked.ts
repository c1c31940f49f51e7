import { useEffect, useState } from 'react'
import { askAgain, systemClock, systemRandom, type ApiResult } from '@bongsu/client'
import type { Failure } from '../../text/failure.ts'

/** How often the door asks in all; with the waits between it is a quarter of an hour at least. */
const triesMax = 30

export interface Asked<T> {
  /** Null while it is not known. */
  readonly value: T | null
  /** Why it is not known. */
  readonly failure: Failure | null
  /** When it is asked for again by itself, epoch ms; null when nothing more will be asked. */
  readonly askAt: number | null
}

const unknown = { value: null, failure: null, askAt: null }

/** Asks the server, again and again while it cannot be reached or has no time [O3]. @param ask null while there is nothing to ask; the same function asks once. */
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
