import { useState } from 'react'
import type { AccountId } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { failureText } from '../../text/failure.ts'

interface BlockPersonProps {
  readonly accountId: AccountId
  readonly name: string
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Asks, and blocks a person [B1]. */
export function BlockPerson({ accountId, name, onClose, onDone }: BlockPersonProps) {
  const texts = useTexts()
  const { api } = useApp()
  const [error, setError] = useState<string | null>(null)

  async function block(): Promise<void> {
    const answer = await api.call('block', { params: { accountId } })
    if (answer.ok) onDone()
    else setError(failureText(texts, answer))
  }

  return <Confirm title={texts.blockAsk(name)} about={texts.blockAbout} action={texts.blockNow} error={error} onConfirm={block} onClose={onClose} />
}
