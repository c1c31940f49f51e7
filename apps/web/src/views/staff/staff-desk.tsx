import { useState } from 'react'
import { useView } from '../../app-context.ts'
import { Section } from '../settings/section.tsx'
import { JournalSheet } from './journal-sheet.tsx'
import { PersonDesk } from './person-desk.tsx'
import { useStaffTexts } from '../../text/staff-texts.ts'
import './staff.css'

/** What staff may do; nothing for everybody else. The server decides, whatever is shown here [B54]. */
export function StaffDesk() {
  const staffTexts = useStaffTexts()
  const { profile } = useView().replica
  const [open, setOpen] = useState<'person' | 'journal' | null>(null)
  const isAdmin = profile?.role === 'admin'
  if (!isAdmin && profile?.moderator !== true) return null
  return (
    <Section title={staffTexts.staffDesk}>
      <p className="hint">{staffTexts.staffDeskAbout}</p>
      <div className="staff-doors">
        <button type="button" className="button button-soft" onClick={() => setOpen('person')} data-testid="staff-find">
          {staffTexts.staffFind}
        </button>
        {isAdmin && (
          <button type="button" className="button button-soft" onClick={() => setOpen('journal')} data-testid="staff-journal">
            {staffTexts.staffJournal}
          </button>
        )}
      </div>
      {open === 'person' && <PersonDesk onClose={() => setOpen(null)} />}
      {open === 'journal' && <JournalSheet onClose={() => setOpen(null)} />}
    </Section>
  )
}
