import { useState } from 'react'
import { useApp, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Face } from '../../parts/face.tsx'
import { Field } from '../../parts/field.tsx'
import { QrIcon } from '../../parts/icons.tsx'
import { MyLink } from '../../parts/my-link.tsx'
import { toast } from '../../parts/toast.tsx'
import { failureText } from '../../text/failure.ts'
import { nameFault } from '../../text/faults.ts'
import { Section } from './section.tsx'

export function ProfileForm() {
  const texts = useTexts()
  const { api } = useApp()
  const { replica } = useView()
  const { profile } = replica
  const [edited, setEdited] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [showing, setShowing] = useState(false)
  if (profile === null) return null
  const name = edited ?? profile.displayName
  const changed = name.trim() !== profile.displayName

  async function save(): Promise<void> {
    const fault = nameFault(texts, name)
    setError(fault)
    if (fault !== null || busy) return
    setBusy(true)
    const answer = await api.call('changeProfile', { body: { displayName: name.trim() } })
    setBusy(false)
    if (answer.ok) {
      setEdited(null)
      toast(texts.saved)
    } else setError(failureText(texts, answer, { forbidden: texts.nameReserved }))
  }

  return (
    <Section title={texts.profile}>
      <div className="profile-line">
        <Face id={profile.accountId} name={profile.displayName} size="l" />
        <div className="row-text">
          <span className="row-name">{profile.displayName}</span>
          <span className="row-last">@{profile.handle}</span>
          {profile.role === 'admin' && <span className="tag profile-role">{texts.roleAdmin}</span>}
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label={texts.myQr}
          title={texts.myQr}
          aria-expanded={showing}
          onClick={() => setShowing(!showing)}
          data-testid="my-qr"
        >
          <QrIcon />
        </button>
      </div>
      {showing && <MyLink handle={profile.handle} />}
      <form
        className="inline-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <Field label={texts.displayName} value={name} onChange={setEdited} error={error} autoComplete="name" data-testid="display-name" />
        <button type="submit" className="button button-soft" disabled={!changed} aria-disabled={busy} data-testid="save-profile">
          {texts.save}
        </button>
      </form>
    </Section>
  )
}
