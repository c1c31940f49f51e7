import type { Reply } from '@bongsu/protocol'
import { useTexts } from '../../adapters/settings-store.ts'
import { Face } from '../../parts/face.tsx'
import { StaffBadge } from '../../parts/person-name.tsx'
import { useSecondsTo } from '../../parts/use-seconds-to.ts'
import { failureText, type Failure } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import type { Asked } from './use-asked.ts'

/** Who sent the invite, or that it is not known yet: a busy server is no fault of the invite. */
export function InviteBox({ asked }: { readonly asked: Asked<Reply<'checkInvite'>> }) {
  const texts = useTexts()
  const { value: invite, failure, askAt } = asked
  if (invite === null) {
    if (failure !== null && askAt !== null) return <InviteLater failure={failure} askAt={askAt} />
    if (failure !== null)
      return (
        <p className="form-error" role="alert">
          {failureText(texts, failure)}
        </p>
      )
    return (
      <p className="invite-box" role="status">
        {texts.inviteChecking}
      </p>
    )
  }
  if (invite.role === 'admin') {
    return (
      <div className="invite-box" data-testid="invited" data-role="admin">
        <div>
          <p className="invite-who">{texts.invitedAdmin}</p>
          <p className="hint">{texts.invitedAdminAbout}</p>
        </div>
      </div>
    )
  }
  return (
    <div className="invite-box" data-testid="invited" data-role="member">
      {invite.from !== null && <Face id={invite.from.accountId} name={invite.from.displayName} size="s" />}
      <p className="invite-who">
        {invite.from === null ? texts.invitedPlain : texts.invitedBy(isolated(invite.from.displayName))}
        {invite.from?.staff === true && <StaffBadge />}
      </p>
    </div>
  )
}

/** What happened, that the invite stays valid, and when the next try is. */
function InviteLater({ failure, askAt }: { readonly failure: Failure; readonly askAt: number }) {
  const texts = useTexts()
  const seconds = useSecondsTo(askAt)
  const { code } = failure.refusal
  const crowded = failure.offline !== true && (code === 'busy' || code === 'rate-limited')
  return (
    <div className="invite-box" data-testid="invite-later">
      <div>
        <p role="status">{crowded ? texts.inviteCrowded : texts.inviteUnreachable}</p>
        {/** A number that changes each second is hidden from screen readers. */}
        <p className="hint invite-next" aria-hidden="true">
          {seconds > 0 ? texts.inviteAgainIn(seconds) : texts.inviteChecking}
        </p>
      </div>
    </div>
  )
}
