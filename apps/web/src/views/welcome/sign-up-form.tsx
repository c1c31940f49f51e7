import { useState } from 'react'
import { systemRandom, type Api } from '@bongsu/client'
import { LIMITS, type DeviceId, type SignedIn } from '@bongsu/protocol'
import { forgetInvite } from '../../adapters/invite-store.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { answered, wishId } from '../../adapters/wishes.ts'
import { Field } from '../../parts/field.tsx'
import { toast } from '../../parts/toast.tsx'
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
    const plain = { handle: wanted, displayName: displayName.trim(), password, deviceName: deviceName(texts, navigator.userAgent) }
    const body = code === null ? plain : { ...plain, code }
    // Without an invite anybody on this device may join, so the handle tells their requests apart.
    const deviceId = wishId('sign-up', code ?? wanted, () => systemRandom.uuid() as DeviceId)
    const first = await api.call('signUp', { body: { ...body, deviceId } })
    // An older server does not know the field [W3]. It has made nothing.
    const answer = !first.ok && first.refusal.code === 'body-invalid' ? await api.call('signUp', { body }) : first
    if (answer.ok) {
      answered('sign-up')
      forgetInvite()
      if (answer.value.profile.handle !== wanted) toast(texts.signedUpBefore(answer.value.profile.handle))
      await onSignedIn(answer.value)
      return
    }
    setBusy(false)
    if (answer.refusal.code === 'handle-taken') setFaults({ ...none, handle: texts.refusals['handle-taken'] })
    else if (answer.refusal.code === 'forbidden') setFaults({ ...none, displayName: texts.nameReserved })
    // The account exists, with another password.
    else setError(failureText(texts, answer, { 'sign-in-failed': texts.signedUpElsewise }))
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
