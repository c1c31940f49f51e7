import { roomTitle, type View } from '@bongsu/client'
import { isolated } from './isolated.ts'
import type { Texts } from './texts.ts'

export interface HistoryNotice {
  /** What the notice is about: a dismissed one is not shown again. */
  readonly of: object
  readonly text: string
}

/** Notices about a restore and about the audit. Each is separate: one does not hide the other [A3, A4]. */
export function historyNotices(
  texts: Texts,
  { restored, auditFault, replica }: Pick<View, 'restored' | 'auditFault' | 'replica'>,
): readonly HistoryNotice[] {
  const notices: HistoryNotice[] = []
  if (restored !== null) notices.push({ of: restored, text: restored.putBack > 0 ? texts.restoredPutBack(restored.putBack) : texts.restored })
  if (auditFault !== null) {
    const room = replica.rooms.get(auditFault.conversationId)
    const title = room === undefined ? texts.aRoom : (roomTitle(room, replica) ?? texts.notes)
    const said = auditFault.mended ? texts.auditMended : auditFault.lasting ? texts.auditLasting : texts.auditMending
    notices.push({ of: auditFault, text: said(isolated(title)) })
  }
  return notices
}
