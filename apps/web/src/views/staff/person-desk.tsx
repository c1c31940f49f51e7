import { useState } from 'react'
import type { StaffActOnPerson, StaffSheet } from '@bongsu/protocol'
import { useApp } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { Field } from '../../parts/field.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { failureText } from '../../text/failure.ts'
import { dateLabel, stampLabel } from '../../text/time-labels.ts'
import { useStaffTexts } from '../../text/staff-texts.ts'
import { ActForm } from './act-form.tsx'
import { roleText } from './role-text.ts'

/** Finds a person by the exact handle, and shows what staff may see and do [B54]. */
export function PersonDesk({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts()
  const staffTexts = useStaffTexts()
  const { api } = useApp()
  const [handle, setHandle] = useState('')
  const [sheet, setSheet] = useState<StaffSheet | null>(null)
  const [error, setError] = useState<string | null>(null)

  async function look(wanted: string): Promise<void> {
    setError(null)
    const answer = await api.call('lookUpForStaff', { body: { handle: wanted } })
    setSheet(answer.ok ? answer.value : null)
    if (!answer.ok) setError(failureText(texts, answer))
  }

  return (
    <Sheet title={staffTexts.staffFind} onClose={onClose} kind="side" testId="staff-person">
      <div className="staff-scroll">
        <form
          className="staff-search"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (handle.trim() !== '') void look(handle.trim().toLowerCase())
          }}
        >
          <Field
            label={texts.handle}
            value={handle}
            onChange={setHandle}
            hint={staffTexts.staffFindHint}
            error={error}
            autoCapitalize="none"
            spellCheck={false}
            data-testid="staff-handle"
          />
          <button type="submit" className="button button-soft" data-testid="staff-search">
            {staffTexts.staffSearch}
          </button>
        </form>
        {sheet !== null && <Found key={JSON.stringify(sheet)} sheet={sheet} onDone={() => void look(sheet.person.handle)} />}
      </div>
    </Sheet>
  )
}

const ACT_TEXTS = { warn: 'staffWarn', suspend: 'staffSuspend', lift: 'staffLift', 'set-role': 'staffSetRole' } as const

function Found({ sheet, onDone }: { readonly sheet: StaffSheet; readonly onDone: () => void }) {
  const staffTexts = useStaffTexts()
  const language = useLanguage()
  const [acting, setActing] = useState<StaffActOnPerson | null>(null)
  const { person, role, createdAt, suspension } = sheet
  const possible = sheet.may.filter((act) => (act === 'suspend' ? suspension === null : act === 'lift' ? suspension !== null : true))
  return (
    <>
      <div className="profile-line" data-testid="staff-found">
        <Face id={person.accountId} name={person.displayName} size="l" />
        <div className="row-text">
          <PersonName person={person} />
          <span className="row-last">@{person.handle}</span>
        </div>
      </div>
      <dl className="staff-facts">
        <div>
          <dt>{staffTexts.staffRole}</dt>
          <dd data-testid="staff-role">{roleText(staffTexts, role)}</dd>
        </div>
        <div>
          <dt className="visually-hidden">{staffTexts.staffJoined('')}</dt>
          <dd>{staffTexts.staffJoined(dateLabel(createdAt, Date.now(), language))}</dd>
        </div>
      </dl>
      {suspension !== null && (
        <div className="staff-suspended" data-testid="staff-suspended">
          <p>{suspension.until === null ? staffTexts.staffIsSuspended : staffTexts.staffIsSuspendedUntil(stampLabel(suspension.until, language))}</p>
          <p className="hint" dir="auto">
            {suspension.reason}
          </p>
        </div>
      )}
      {acting !== null ? (
        <ActForm
          key={acting}
          act={acting}
          sheet={sheet}
          onDone={() => {
            setActing(null)
            onDone()
          }}
          onCancel={() => setActing(null)}
        />
      ) : possible.length === 0 ? (
        <p className="hint">{sheet.canary === true ? staffTexts.staffCanary : staffTexts.staffNothing}</p>
      ) : (
        <div className="staff-acts">
          {possible.map((act) => (
            <button
              key={act}
              type="button"
              className={`button ${act === 'suspend' ? 'button-danger-quiet' : 'button-quiet'}`}
              onClick={() => setActing(act)}
              data-testid={`staff-${act}`}
            >
              {staffTexts[ACT_TEXTS[act]]}
            </button>
          ))}
        </div>
      )}
    </>
  )
}
