import type { StaffRole } from '@bongsu/protocol'
import type { StaffTexts } from '../../text/staff-texts.ts'

const ROLE_TEXTS = { admin: 'staffRoleAdmin', moderator: 'staffRoleModerator', member: 'staffRoleMember' } as const

export function roleText(texts: StaffTexts, role: StaffRole): string {
  return texts[ROLE_TEXTS[role]]
}
