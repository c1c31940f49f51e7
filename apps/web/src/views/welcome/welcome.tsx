import { useCallback, useEffect, useState } from 'react'
import type { InviteFault, SignedIn } from '@bongsu/protocol'
import { changeSettings, useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { learnStatusUrl } from '../../adapters/status.ts'
import { BeaconMark } from '../../parts/icons.tsx'
import { en } from '../../text/en.ts'
import { ko } from '../../text/ko.ts'
import type { Door } from '../../session-host.ts'
import { InviteBox } from './invite-box.tsx'
import { LeftTexts } from './left-texts.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import { forgetInvite } from '../../adapters/invite-store.ts'
import { useAsked } from './use-asked.ts'
import './welcome.css'

/** Why an invite link leads nowhere. */
type BrokenInvite = InviteFault | 'mistyped'

const brokenTexts = { used: 'inviteUsed', expired: 'inviteExpired', revoked: 'inviteRevoked', mistyped: 'inviteMistyped' } as const

/** A server without a name has the name of the program. */
const ownNames: readonly string[] = [ko.appName, en.appName]

/** An invite link, already removed from the address. */
export interface Invited {
  /** Null: the link holds no code. */
  readonly code: string | null
}

interface WelcomeProps {
  readonly door: Door
  readonly invited: Invited | null
  readonly onSignedIn: (signedIn: SignedIn) => Promise<void>
}

/** The welcome screen: sign in, or join with an invite or with open registration. */
export function Welcome({ door, invited, onSignedIn }: WelcomeProps) {
  const { api } = door
  const texts = useTexts()
  const language = useLanguage()
  const inviteCode = invited?.code ?? null
  const [joining, setJoining] = useState(inviteCode !== null)
  const server = useAsked(useCallback(() => api.call('server'), [api])).value
  const checkInvite = useCallback(() => api.call('checkInvite', { body: { code: inviteCode ?? '' } }), [api, inviteCode])
  const invite = useAsked(inviteCode === null ? null : checkInvite)

  useEffect(() => {
    if (server !== null) learnStatusUrl(server.statusUrl)
  }, [server])

  // [C8] The words for an invite that is no good come before any form, and instead of the form that would need it.
  const fault: BrokenInvite | null =
    invited !== null && (inviteCode === null || invite.failure?.refusal.code === 'invite-invalid')
      ? (invite.failure?.refusal.why ?? 'mistyped')
      : null
  useEffect(() => {
    if (fault === null) return
    setJoining(false)
    forgetInvite()
  }, [fault])

  const open = server?.registration === 'open'
  const code = fault === null ? inviteCode : null
  const mayJoin = code !== null || open
  /** Not before it is known whether the invite is good, unless that takes long. */
  const isChecked = code === null || invite.value !== null || invite.failure !== null
  return (
    <main className="welcome">
      <section className="welcome-card" aria-labelledby="welcome-title">
        <header className="welcome-brand">
          <BeaconMark size={64} />
          <p className="welcome-name">{texts.appName}</p>
          <p className="welcome-tagline">{server === null || ownNames.includes(server.name) ? texts.tagline : server.name}</p>
        </header>
        {door.left !== null && <LeftTexts left={door.left} onForget={door.forgetLeft} />}
        {fault !== null && (
          <div className="invite-box" role="alert" data-testid="invite-broken" data-why={fault}>
            <div>
              <p className="invite-who">{texts[brokenTexts[fault]]}</p>
              <p className="hint">{fault === 'used' ? texts.inviteUsedAbout : texts.inviteBrokenAbout}</p>
            </div>
          </div>
        )}
        {joining ? (
          <>
            {code !== null && <InviteBox asked={invite} />}
            <h1 id="welcome-title">{texts.signUpTitle}</h1>
            {isChecked && <SignUpForm api={api} code={code} onSignedIn={onSignedIn} />}
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
