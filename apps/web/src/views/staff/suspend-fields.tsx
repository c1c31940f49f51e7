import { Choice } from '../../parts/choice.tsx'
import { TextArea } from '../../parts/text-area.tsx'
import { useStaffTexts } from '../../text/staff-texts.ts'

const DAY_MS = 86_400_000
const TIMES = [
  { value: 1, text: 'staffForDay' },
  { value: 7, text: 'staffForWeek' },
  { value: 30, text: 'staffForMonth' },
  { value: 0, text: 'staffForGood' },
] as const
/** 0: for good. */
export type Days = (typeof TIMES)[number]['value']

export const forMsOf = (days: Days): number | null => (days === 0 ? null : days * DAY_MS)

/** For how long an account is suspended. */
export function ForChoice({ value, onChange }: { readonly value: Days; readonly onChange: (value: Days) => void }) {
  const staffTexts = useStaffTexts()
  const options = TIMES.map(({ value: days, text }) => ({ value: days, text: staffTexts[text] }))
  return <Choice legend={staffTexts.staffFor} value={value} onChange={onChange} options={options} testId="staff-for" />
}

/** What the suspended person is told about an appeal. */
export function AppealField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const staffTexts = useStaffTexts()
  return (
    <TextArea label={staffTexts.staffAppeal} value={value} onChange={onChange} hint={staffTexts.staffAppealHint} rows={2} testId="staff-appeal" />
  )
}
