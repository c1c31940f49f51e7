import { useCallback, useEffect, useState } from 'react'
import type { SignedIn } from '@bongsu/protocol'
import { changeSettings, useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { learnStatusUrl } from '../../adapters/status.ts'
import { BeaconMark } from '../../parts/icons.tsx'
import { en } from '../../text/en.ts'
import { ko } from '../../text/ko.ts'
import type { Door } from '../../session-host.ts'
import { InviteBox } from './invite-box.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import { useAsked } from './use-asked.ts'
import './welcome.css'

/** A server without a name has the name of the program. */
const ownNames: readonly string[] = [ko.appName, en.appName]

interface WelcomeProps {
  readonly door: Door
  /** From an invite link, already removed from the address. */
  readonly inviteCode: string | null
  readonly onSignedIn: (signedIn: SignedIn) => Promise<void>
}

/** The welcome screen: sign in, or join with an invite or with open registration. */
export function Welcome({ door, inviteCode, onSignedIn }: WelcomeProps) {
  const { api } = door
  const texts = useTexts()
  const language = useLanguage()
  const [joining, setJoining] = useState(inviteCode !== null)
  const server = useAsked(useCallback(() => api.call('server'), [api])).value
  const checkInvite = useCallback(() => api.call('checkInvite', { body: { code: inviteCode ?? '' } }), [api, inviteCode])
  const invite = useAsked(inviteCode === null ? null : checkInvite)

  useEffect(() => {
    if (server !== null) learnStatusUrl(server.statusUrl)
  }, [server])

  const open = server?.registration === 'open'
  const mayJoin = inviteCode !== null || open
  return (
    <main className="welcome">
      <section className="welcome-card" aria-labelledby="welcome-title">
        <header className="welcome-brand">
          <BeaconMark size={64} />
          <p className="welcome-name">{texts.appName}</p>
          <p className="welcome-tagline">{server === null || ownNames.includes(server.name) ? texts.tagline : server.name}</p>
        </header>
        {joining ? (
          <>
            {inviteCode !== null && <InviteBox asked={invite} />}
            <h1 id="welcome-title">{texts.signUpTitle}</h1>
            <SignUpForm api={api} code={inviteCode} onSignedIn={onSignedIn} />
            <p className="welcome-other">
              {texts.haveAccount}{' '}
              <button type="button" className="text-button" onClick={() => setJoining(false)} data-testid="to-sign-in">
                {texts.signIn}
              </button>
            </p>
          </>
        ) : (
          <>
            <h1 id="welcome-title">{texts.signInTitle}</h1>
            <SignInForm door={door} onSignedIn={onSignedIn} />
            {mayJoin ? (
              <p className="welcome-other">
                {texts.noAccount}{' '}
                <button type="button" className="text-button" onClick={() => setJoining(true)} data-testid="to-sign-up">
                  {texts.signUp}
                </button>
              </p>
            ) : (
              <p className="hint welcome-other">{texts.needInvite}</p>
            )}
          </>
        )}
      </section>
      <button
        type="button"
        className="text-button welcome-language"
        lang={language === 'ko' ? 'en' : 'ko'}
        onClick={() => changeSettings({ language: language === 'ko' ? 'en' : 'ko' })}
        data-testid="switch-language"
      >
        {language === 'ko' ? 'English' : '한국어'}
      </button>
    </main>
  )
}
