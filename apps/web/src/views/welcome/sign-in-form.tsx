import { useState } from 'react'
import type { DeviceId, SignedIn, Suspension } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { answered, unansweredId } from '../../adapters/wishes.ts'
import { Field } from '../../parts/field.tsx'
import { SuspensionTold } from '../../parts/suspension-told.tsx'
import { deviceName } from '../../text/device-name.ts'
import type { Door } from '../../session-host.ts'
import { failureText } from '../../text/failure.ts'
import { handleFault, passwordFault } from '../../text/faults.ts'
import { useSuspensionTexts } from '../../text/suspension-texts.ts'

export function SignInForm({ door, onSignedIn }: { readonly door: Door; readonly onSignedIn: (signedIn: SignedIn) => Promise<void> }) {
  const texts = useTexts()
  const told = useSuspensionTexts()
  const [handle, setHandle] = useState('')
  const [password, setPassword] = useState('')
  const [faults, setFaults] = useState<{ handle: string | null; password: string | null }>({ handle: null, password: null })
  const [error, setError] = useState<string | null>(null)
  const [suspension, setSuspension] = useState<Suspension | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(): Promise<void> {
    const wanted = handle.trim().toLowerCase()
    const found = { handle: handleFault(texts, wanted), password: passwordFault(texts, password) }
    setFaults(found)
    setError(null)
    setSuspension(null)
    if (found.handle !== null || found.password !== null) return
    setBusy(true)
    const body = { handle: wanted, password, deviceName: deviceName(texts, navigator.userAgent) }
    const triedAt = Date.now()
    // A sign-up without an answer may have made this device.
    const deviceId = door.deviceId ?? (unansweredId('sign-up') as DeviceId | null)
    const answer = await door.api.call('signIn', { body: deviceId === null ? body : { ...body, deviceId } })
    door.tried({ triedAt, answer, online: navigator.onLine })
    if (answer.ok) {
      answered('sign-up')
      await onSignedIn(answer.value)
    } else {
      setBusy(false)
      setSuspension(answer.refusal.suspension ?? null)
      setError(answer.refusal.suspension === undefined ? failureText(texts, answer) : told.suspendedTitle)
    }
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
        label={texts.handle}
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
        value={password}
        onChange={setPassword}
        error={faults.password}
        autoComplete="current-password"
        data-testid="password"
      />
      {error !== null && (
        <p className="form-error" role="alert" data-testid="form-error">
          {error}
        </p>
      )}
      {suspension !== null && <SuspensionTold suspension={suspension} />}
      <button type="submit" className="button button-main button-wide" aria-disabled={busy} data-testid="submit">
        {busy ? texts.working : texts.signIn}
      </button>
    </form>
  )
}
