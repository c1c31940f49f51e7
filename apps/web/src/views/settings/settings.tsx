import { useState } from 'react'
import { useApp, useView } from '../../app-context.ts'
import { useStatusUrl } from '../../adapters/status.ts'
import { changeSettings, useSettings, useTexts } from '../../adapters/settings-store.ts'
import { Choice } from '../../parts/choice.tsx'
import { ConnectionLine } from '../../parts/connection-line.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { BeaconMark } from '../../parts/icons.tsx'
import { StaffDesk } from '../staff/staff-desk.tsx'
import { BlockedPeople } from './blocked-people.tsx'
import { Devices } from './devices.tsx'
import { PasswordForm } from './password-form.tsx'
import { ProfileForm } from './profile-form.tsx'
import { Reach } from './reach.tsx'
import { Section } from './section.tsx'
import './settings.css'

export function Settings() {
  const texts = useTexts()
  const settings = useSettings()
  const { signOut } = useApp()
  const { outbox } = useView()
  const statusUrl = useStatusUrl()
  const [leaving, setLeaving] = useState(false)
  const unsent = outbox.filter((item) => item.progress !== 'sent').length
  return (
    <div className="settings" data-testid="settings">
      <div className="settings-column">
        <h1 tabIndex={-1}>{texts.settings}</h1>
        <ProfileForm />
        <Section title={texts.look}>
          <Choice
            legend={texts.language}
            value={settings.language ?? 'system'}
            onChange={(value) => changeSettings({ language: value === 'system' ? null : value })}
            options={[
              { value: 'system', text: texts.bySystem },
              { value: 'ko', text: '한국어' },
              { value: 'en', text: 'English' },
            ]}
            testId="language"
          />
          <Choice
            legend={texts.theme}
            value={settings.theme ?? 'system'}
            onChange={(value) => changeSettings({ theme: value === 'system' ? null : value })}
            options={[
              { value: 'system', text: texts.bySystem },
              { value: 'day', text: texts.themeDay },
              { value: 'night', text: texts.themeNight },
            ]}
            testId="theme"
          />
        </Section>
        <StaffDesk />
        <Reach />
        <BlockedPeople />
        <Devices />
        <PasswordForm />
        <Section title={texts.privacy}>
          <p data-testid="privacy">{texts.privacyText}</p>
          <p className="hint">{texts.privacyStaff}</p>
          <p className="hint">{texts.privacyKept}</p>
        </Section>
        <Section title={texts.about}>
          <div className="about">
            <BeaconMark size={44} />
            <div>
              <p className="about-name">
                {texts.appName} <span>{texts.tagline}</span>
              </p>
              <p className="hint">
                {texts.version} {APP_VERSION} · {texts.licence} Apache-2.0
              </p>
            </div>
          </div>
          <p className="hint">{texts.sourcesText}</p>
          {statusUrl !== null && (
            <p>
              <a className="text-button" href={`${statusUrl}/`} target="_blank" rel="noopener noreferrer" data-testid="status-page">
                {texts.statusPage}
              </a>
            </p>
          )}
        </Section>
        <button type="button" className="button button-danger-quiet button-wide" onClick={() => setLeaving(true)} data-testid="sign-out">
          {texts.signOut}
        </button>
      </div>
      <ConnectionLine />
      {leaving && (
        <Confirm
          title={texts.signOutAsk}
          about={texts.signOutAbout}
          loss={unsent > 0 ? texts.signOutUnsent(unsent) : undefined}
          action={texts.signOut}
          onConfirm={signOut}
          onClose={() => setLeaving(false)}
        />
      )}
    </div>
  )
}
