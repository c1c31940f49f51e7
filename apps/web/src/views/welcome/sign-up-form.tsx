import { useState } from 'react'
import type { Api } from '@bongsu/client'
import { LIMITS, type SignedIn } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { Field } from '../../parts/field.tsx'
import { deviceName } from '../../text/device-name.ts'
import { failureText } from '../../text/failure.ts'
import { handleFault, nameFault, newPasswordFault } from '../../text/faults.ts'

type Faults = { readonly handle: string | null; readonly displayName: string | null; readonly password: string | null }

const none: Faults = { handle: null, displayName: null, password: null }

interface SignUpFormProps {
  readonly api: Api
  readonly code: string | null
  readonly onSignedIn: (signedIn: SignedIn) => Promise<void>
}

export function SignUpForm({ api, code, onSignedIn }: SignUpFormProps) {
  const texts = useTexts()
  const [handle, setHandle] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [password, setPassword] = useState('')
  const [faults, setFaults] = useState<Faults>(none)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(): Promise<void> {
    const wanted = handle.trim().toLowerCase()
    const found: Faults = {
      handle: handleFault(texts, wanted),
      displayName: nameFault(texts, displayName),
      password: newPasswordFault(texts, password),
    }
    setFaults(found)
    setError(null)
    if (found.handle !== null || found.displayName !== null || found.password !== null) return
    setBusy(true)
    const body = { handle: wanted, displayName: displayName.trim(), password, deviceName: deviceName(texts, navigator.userAgent) }
    const answer = await api.call('signUp', { body: code === null ? body : { ...body, code } })
    if (answer.ok) {
      await onSignedIn(answer.value)
      return
    }
    setBusy(false)
    if (answer.refusal.code === 'handle-taken') setFaults({ ...none, handle: texts.refusals['handle-taken'] })
    else setError(failureText(texts, answer))
  }

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy) void submit()
      }}
    >
      <Field
        label={texts.displayName}
        hint={texts.displayNameRule}
        value={displayName}
        onChange={setDisplayName}
        error={faults.displayName}
        autoComplete="name"
        data-testid="display-name"
      />
      <Field
        label={texts.handle}
        hint={texts.handleRule}
        value={handle}
        onChange={setHandle}
        error={faults.handle}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        data-testid="handle"
      />
      <Field
        type="password"
        label={texts.password}
        hint={texts.passwordRule(LIMITS.passwordCodePointsMin)}
        value={password}
        onChange={setPassword}
        error={faults.password}
        autoComplete="new-password"
        data-testid="password"
      />
      {error !== null && (
        <p className="form-error" role="alert" data-testid="form-error">
          {error}
        </p>
      )}
      <button type="submit" className="button button-main button-wide" aria-disabled={busy} data-testid="submit">
        {busy ? texts.working : texts.signUp}
      </button>
    </form>
  )
}
