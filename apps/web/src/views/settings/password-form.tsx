import { useState } from 'react'
import { LIMITS } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Field } from '../../parts/field.tsx'
import { toast } from '../../parts/toast.tsx'
import { failureText } from '../../text/failure.ts'
import { newPasswordFault, passwordFault } from '../../text/faults.ts'

export function PasswordForm() {
  const texts = useTexts()
  const { changePassword } = useApp()
  const handle = useView().replica.profile?.handle ?? ''
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [faults, setFaults] = useState<{ current: string | null; next: string | null }>({ current: null, next: null })
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function change(): Promise<void> {
    const found = { current: passwordFault(texts, current), next: newPasswordFault(texts, next) }
    setFaults(found)
    setError(null)
    if (busy || found.current !== null || found.next !== null) return
    setBusy(true)
    const answer = await changePassword({ current, next }, handle)
    setBusy(false)
    if (answer.ok) {
      setCurrent('')
      setNext('')
      toast(texts.passwordChanged)
    } else setError(failureText(texts, answer, { 'sign-in-failed': texts.passwordCurrentWrong }))
  }

  return (
    <details className="card fold" data-testid="password-fold">
      <summary>{texts.passwordChange}</summary>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void change()
        }}
      >
        <Field
          type="password"
          label={texts.passwordCurrent}
          value={current}
          onChange={setCurrent}
          error={faults.current}
          autoComplete="current-password"
          data-testid="password-current"
        />
        <Field
          type="password"
          label={texts.passwordNext}
          hint={texts.passwordRule(LIMITS.passwordCodePointsMin)}
          value={next}
          onChange={setNext}
          error={faults.next}
          autoComplete="new-password"
          data-testid="password-next"
        />
        {error !== null && (
          <p className="form-error" role="alert">
            {error}
          </p>
        )}
        <p className="hint">{texts.passwordOthers}</p>
        <button
          type="submit"
          className="button button-soft"
          disabled={current === '' || next === ''}
          aria-disabled={busy}
          data-testid="change-password"
        >
          {texts.passwordChange}
        </button>
      </form>
    </details>
  )
}
