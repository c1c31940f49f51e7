import { useRef, useState } from 'react'
import { faultInText, LIMITS, STAFF_ROLES, type StaffActOnPerson, type StaffRole, type StaffSheet } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { Choice } from '../../parts/choice.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import { toast } from '../../parts/toast.tsx'
import { failureText } from '../../text/failure.ts'
import { useStaffTexts } from '../../text/staff-texts.ts'
import { roleText } from './role-text.ts'
import { AppealField, ForChoice, forMsOf, type Days } from './suspend-fields.tsx'

const WORDS = {
  warn: { about: 'staffWarnAbout', action: 'staffWarn', done: 'staffWarned' },
  suspend: { about: 'staffSuspendAbout', action: 'staffSuspend', done: 'staffSuspended' },
  lift: { about: 'staffLiftAbout', action: 'staffLift', done: 'staffLifted' },
  'set-role': { about: 'staffSetRoleAbout', action: 'staffSetRole', done: 'staffRoleChanged' },
} as const

interface ActFormProps {
  readonly act: StaffActOnPerson
  readonly sheet: StaffSheet
  readonly onDone: () => void
  readonly onCancel: () => void
}

/** Says what an act causes, and asks why, before it is done. */
export function ActForm({ act, sheet, onDone, onCancel }: ActFormProps) {
  const texts = useTexts()
  const staffTexts = useStaffTexts()
  const { api } = useApp()
  const { accountId } = sheet.person
  const [reason, setReason] = useState('')
  const [appeal, setAppeal] = useState('')
  const [days, setDays] = useState<Days>(7)
  const [role, setRole] = useState<StaffRole>(sheet.role)
  const [error, setError] = useState<string | null>(null)
  // One id for all tries of this form: a repeated request changes nothing.
  const id = useRef(crypto.randomUUID())
  const busy = useRef(false)
  const words = WORDS[act]

  function ask() {
    const params = { accountId }
    switch (act) {
      case 'warn':
        return api.call('warn', { params: { ...params, noticeId: id.current }, body: { text: reason } })
      case 'suspend':
        return api.call('suspend', { params, body: { suspensionId: id.current, forMs: forMsOf(days), reason, appeal } })
      case 'lift':
        return api.call('liftSuspension', { params, body: { suspensionId: sheet.suspension?.suspensionId ?? id.current, reason } })
      case 'set-role':
        return api.call('setRole', { params, body: { role, was: sheet.role, reason } })
    }
  }

  async function submit(): Promise<void> {
    const fault = faultInText(reason, LIMITS.staffTextCodePointsMax) ?? (appeal === '' ? null : faultInText(appeal, LIMITS.staffTextCodePointsMax))
    if (fault !== null) return setError(texts.refusals[fault])
    if (busy.current) return
    busy.current = true
    const answer = await ask()
    busy.current = false
    if (!answer.ok) return setError(failureText(texts, answer))
    toast(staffTexts[words.done])
    onDone()
  }

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      data-testid="staff-act"
    >
      <p className="hint">{staffTexts[words.about]}</p>
      {act === 'set-role' && (
        <Choice
          legend={staffTexts.staffRole}
          value={role}
          onChange={setRole}
          options={STAFF_ROLES.map((value) => ({ value, text: roleText(staffTexts, value) }))}
          testId="staff-roles"
        />
      )}
      {act === 'suspend' && <ForChoice value={days} onChange={setDays} />}
      <TextArea
        label={staffTexts.staffReason}
        value={reason}
        onChange={setReason}
        hint={act === 'warn' || act === 'suspend' ? staffTexts.staffReasonTold : staffTexts.staffReasonHint}
        testId="staff-reason"
      />
      {act === 'suspend' && <AppealField value={appeal} onChange={setAppeal} />}
      {error !== null && (
        <p className="form-error" role="alert" data-testid="form-error">
          {error}
        </p>
      )}
      <div className="confirm-actions">
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {texts.cancel}
        </button>
        <button type="submit" className={`button ${act === 'suspend' ? 'button-danger' : 'button-soft'}`} data-testid="staff-submit">
          {staffTexts[words.action]}
        </button>
      </div>
    </form>
  )
}
