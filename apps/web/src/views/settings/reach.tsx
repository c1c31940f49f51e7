import { useState } from 'react'
import { serverHas, type ReplicaState } from '@bongsu/client'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Choice } from '../../parts/choice.tsx'
import { failureText } from '../../text/failure.ts'
import { useRequestTexts } from '../../text/request-texts.ts'
import { Section } from './section.tsx'

/** Who reaches this account without being asked: the same on all devices [B40]. */
export function Reach() {
  const texts = useTexts()
  const asked = useRequestTexts()
  const { api } = useApp()
  const { replica } = useView()
  const [error, setError] = useState<string | null>(null)
  if (!serverHas(replica, 'requests')) return null

  const choices = [
    { value: 'everyone', text: asked.reachEveryone, about: asked.reachAboutEveryone },
    { value: 'acquainted', text: asked.reachAcquainted, about: asked.reachAboutAcquainted },
    { value: 'friends', text: asked.reachFriends, about: asked.reachAboutFriends },
  ] as const

  async function change(from: ReplicaState['reach']): Promise<void> {
    const answer = await api.call('setReach', { body: { from } })
    setError(answer.ok ? null : failureText(texts, answer))
  }

  return (
    <Section title={asked.reach}>
      <Choice legend={asked.reachLegend} value={replica.reach} onChange={(from) => void change(from)} options={choices} testId="reach" />
      <p className="hint">{choices.find(({ value }) => value === replica.reach)?.about}</p>
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
    </Section>
  )
}
