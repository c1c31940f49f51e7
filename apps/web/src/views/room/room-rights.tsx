import { mayIn, type Room } from '@bongsu/client'
import { DEFAULT_RIGHTS, RIGHTS, ROOM_ROLES, type Right, type RoomRole, type SendBody } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { Choice } from '../../parts/choice.tsx'
import { Sheet } from '../../parts/dialog.tsx'
import { useRoleTexts } from '../../text/role-texts.ts'

interface RoomRightsProps {
  readonly room: Room
  readonly error: string | null
  readonly onChange: (body: SendBody) => void
  readonly onClose: () => void
}

/** Who may do what in a group. Everybody sees it, and the host changes it [B12]. */
export function RoomRights({ room: { meta }, error, onChange, onClose }: RoomRightsProps) {
  const texts = useRoleTexts()
  const { accountId: me } = useApp()
  const isHost = mayIn(meta, me, 'host')
  const chosen = (right: Right): RoomRole => meta.rights?.[right] ?? DEFAULT_RIGHTS[right]
  const choices = (right: Right): readonly RoomRole[] => (right === 'remove' ? ROOM_ROLES.slice(1) : ROOM_ROLES)
  return (
    <Sheet title={texts.rights} onClose={onClose} testId="rights-sheet">
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      {isHost ? (
        <div className="stack">
          {RIGHTS.map((right) => (
            <Choice
              key={right}
              legend={texts.right[right]}
              value={chosen(right)}
              options={choices(right).map((role) => ({ value: role, text: texts.rightFor[role] }))}
              onChange={(role) => onChange({ kind: 'rights', rights: { [right]: role } })}
              testId={`right-${right}`}
            />
          ))}
        </div>
      ) : (
        <>
          <dl className="rights">
            {RIGHTS.map((right) => (
              <div key={right} data-testid={`right-${right}`}>
                <dt>{texts.right[right]}</dt>
                <dd>{texts.rightFor[chosen(right)]}</dd>
              </div>
            ))}
          </dl>
          <p className="confirm-about">{texts.rightsOfHost}</p>
        </>
      )}
    </Sheet>
  )
}
