import { useCallback, useEffect, useState } from 'react'
import type { Invite, Reply } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useDay } from '../../adapters/day.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { answered, wishId } from '../../adapters/wishes.ts'
import { Choice } from '../../parts/choice.tsx'
import { CopyLink } from '../../parts/copy-link.tsx'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Qr } from '../../parts/qr.tsx'
import { paths } from '../../route.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { dateLabel } from '../../text/time-labels.ts'

const dayMs = 86_400_000
const validDays = [1, 7, 30] as const
const usesOffered = [1, 5, 30] as const

/** 32 random bytes in base64url, as the server makes them. */
function newCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '')
}

function linkOf({ code }: { readonly code: string }): string {
  return `${location.origin}/${paths.invite(code)}`
}

export function Invites({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts()
  useDay()
  const language = useLanguage()
  const { api, accountId: me } = useApp()
  const [days, setDays] = useState<number>(7)
  const [uses, setUses] = useState<number>(1)
  const [made, setMade] = useState<Reply<'createInvite'> | null>(null)
  const [busy, setBusy] = useState(false)
  const [invites, setInvites] = useState<readonly Invite[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [asking, setAsking] = useState<string | null>(null)

  const load = useCallback(async () => {
    const answer = await api.call('listInvites')
    if (answer.ok) setInvites(answer.value.invites)
    else setError(failureText(texts, answer))
  }, [api, texts])

  useEffect(() => void load(), [load])

  async function make(): Promise<void> {
    if (busy) return
    setBusy(true)
    setError(null)
    const wish = { validMs: days * dayMs, uses }
    const code = wishId('invite', JSON.stringify(wish), newCode)
    const first = await api.call('createInvite', { body: { ...wish, code } })
    // An older server does not know the field [W3]. It has made nothing.
    const answer = !first.ok && first.refusal.code === 'body-invalid' ? await api.call('createInvite', { body: wish }) : first
    setBusy(false)
    // Refused for good: the next try is another request.
    if (answer.ok || answer.refusal.code === 'id-conflict') answered('invite')
    if (!answer.ok) {
      setError(failureText(texts, answer))
      return
    }
    setMade(answer.value)
    await load()
  }

  async function revoke(inviteId: string): Promise<void> {
    setError(null)
    const answer = await api.call('revokeInvite', { params: { inviteId } })
    setAsking(null)
    if (answer.ok) await load()
    else setError(failureText(texts, answer))
  }

  if (asking !== null) {
    return (
      <Confirm
        title={texts.revokeAsk}
        about={texts.revokeAbout}
        action={texts.revoke}
        onConfirm={() => revoke(asking)}
        onClose={() => setAsking(null)}
      />
    )
  }
  return (
    <Sheet title={texts.inviteTitle} onClose={onClose} testId="invites-sheet">
      <p className="hint">{texts.inviteAbout}</p>
      {made === null ? (
        <>
          <Choice
            legend={texts.inviteValid}
            value={days}
            onChange={setDays}
            options={validDays.map((value) => ({ value, text: texts.inviteDays(value) }))}
          />
          <Choice
            legend={texts.inviteUses}
            value={uses}
            onChange={setUses}
            options={usesOffered.map((value) => ({ value, text: texts.inviteUsesOf(value) }))}
          />
          <button type="button" className="button button-main button-wide" aria-disabled={busy} onClick={() => void make()} data-testid="make-invite">
            {texts.makeInvite}
          </button>
        </>
      ) : (
        // What the link is, and no choice that it does not follow [C8].
        <div className="my-link">
          <Qr text={linkOf(made)} label={texts.inviteTitle} />
          <p data-testid="invite-facts">{texts.inviteLine(made.usesLeft, dateLabel(made.expiresAt, Date.now(), language))}</p>
          <p className="hint">{texts.inviteOnce}</p>
          <CopyLink link={linkOf(made)} testId="invite-link" />
          <button type="button" className="text-button" onClick={() => setMade(null)} data-testid="another-invite">
            {texts.anotherInvite}
          </button>
        </div>
      )}
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <h3 className="sheet-heading">{texts.myInvites}</h3>
      {invites !== null && invites.length === 0 && <p className="hint">{texts.noInvites}</p>}
      <ul className="plain-list">
        {(invites ?? []).map((invite) => (
          <li key={invite.inviteId} className="line-item" data-testid="invite-row">
            <span className="row-text">
              <span>{texts.inviteLine(invite.usesLeft, dateLabel(invite.expiresAt, Date.now(), language))}</span>
              {invite.createdBy !== null && invite.createdBy.accountId !== me && (
                <span className="row-last">{texts.inviteBy(isolated(invite.createdBy.displayName))}</span>
              )}
            </span>
            <button type="button" className="text-button text-button-danger" onClick={() => setAsking(invite.inviteId)} data-testid="revoke-invite">
              {texts.revoke}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
