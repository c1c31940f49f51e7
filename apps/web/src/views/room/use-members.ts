import { useCallback, useEffect, useRef, useState } from 'react'
import { LIMITS, type ConversationId, type Person } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { failureText } from '../../text/failure.ts'

export interface Members {
  readonly people: readonly Person[]
  readonly more: boolean
  readonly error: string | null
  readonly load: () => Promise<void>
}

/** Which members: those who have read the entry at a seq, those who have yet to [R7], or those whose name has a part [C25]. */
export type WhichMembers = { readonly readAt: number } | { readonly unreadAt: number } | { readonly name: string }

/**
 * The members of a room by name, page by page: 3,000 people are not loaded at once, and none before they are needed. `which` must not change.
 * @param size number of members: when it changes, a list of one page is loaded anew.
 */
export function useMembers(conversationId: ConversationId, wanted = true, which?: WhichMembers, size?: number): Members {
  const texts = useTexts()
  const { api, device } = useApp()
  const [people, setPeople] = useState<readonly Person[]>([])
  const [more, setMore] = useState(true)
  const [error, setError] = useState<string | null>(null)
  const [answers, setAnswers] = useState(0)
  const sizeNow = useRef(size)
  const busy = useRef(false)
  const last = useRef<Person | undefined>(undefined)
  const [only] = useState(which)
  /** Pages so far, and the size for which the first one was asked. */
  const pages = useRef(0)
  const askedFor = useRef(size)

  const load = useCallback(async () => {
    if (busy.current) return
    busy.current = true
    setError(null)
    const isAnew = pages.current === 1 && askedFor.current !== sizeNow.current
    askedFor.current = pages.current === 0 || isAnew ? sizeNow.current : askedFor.current
    const after = isAnew ? undefined : last.current?.accountId
    const answer = await api.call('listMembers', {
      params: { conversationId },
      query: { limit: LIMITS.peoplePerLookupMax, ...only, ...(after === undefined ? {} : { after }) },
    })
    busy.current = false
    if (!answer.ok) {
      setError(failureText(texts, answer))
      return
    }
    pages.current += isAnew ? 0 : 1
    last.current = answer.value.people.at(-1) ?? last.current
    setPeople((before) => {
      const kept = isAnew ? [] : before
      return [...kept, ...answer.value.people.filter((person) => !kept.some(({ accountId }) => accountId === person.accountId))]
    })
    setMore(answer.value.more && answer.value.people.length > 0)
    device.putPeople(answer.value.people)
    setAnswers((count) => count + 1)
  }, [api, device, conversationId, only, texts])

  const begun = useRef(false)
  useEffect(() => {
    if (begun.current || !wanted) return
    begun.current = true
    void load()
  }, [load, wanted])
  useEffect(() => {
    sizeNow.current = size
    if (pages.current === 1 && askedFor.current !== size) void load()
  }, [load, size, answers])
  return { people, more, error, load }
}
