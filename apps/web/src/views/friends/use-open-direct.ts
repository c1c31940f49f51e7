import type { AccountId } from '@bongsu/protocol'
import { useState } from 'react'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { paths } from '../../route.ts'
import { go } from '../../router.ts'
import { failureText } from '../../text/failure.ts'

/** Opens the conversation with a person, or with oneself. A conversation known to this device opens without the server, so also offline. */
export function useOpenDirect(): { open: (accountId: AccountId) => Promise<boolean>; error: string | null; busy: boolean } {
  const texts = useTexts()
  const { api, accountId: me } = useApp()
  const { replica } = useView()
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function open(accountId: AccountId): Promise<boolean> {
    for (const room of replica.rooms.values()) {
      const { kind, people } = room.meta
      if (accountId === me ? kind === 'self' : kind === 'direct' && people[0]?.accountId === accountId) {
        go(paths.room(room.conversationId))
        return true
      }
    }
    setBusy(true)
    setError(null)
    const answer = await api.call('openDirect', { params: { accountId } })
    setBusy(false)
    if (answer.ok) go(paths.room(answer.value.conversationId))
    else setError(failureText(texts, answer))
    return answer.ok
  }

  return { open, error, busy }
}
