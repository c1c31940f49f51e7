import { roomTitle, type View } from '@bongsu/client'
import type { Texts } from './texts.ts'

export interface HistoryNotice {
  /** What it is about: whoever has put this away does not see the notice again. */
  readonly of: object
  readonly text: string
}

/** What a restore and the audit have to say of the history, each by itself: the one does not hide the other [A3, A4]. */
export function historyNotices(
  texts: Texts,
  { restored, auditFault, replica }: Pick<View, 'restored' | 'auditFault' | 'replica'>,
): readonly HistoryNotice[] {
  const notices: HistoryNotice[] = []
  if (restored !== null) notices.push({ of: restored, text: restored.putBack > 0 ? texts.restoredPutBack(restored.putBack) : texts.restored })
  if (auditFault !== null) {
    const room = replica.rooms.get(auditFault.conversationId)
    const title = room === undefined ? texts.aRoom : (roomTitle(room, replica.accountId) ?? texts.notes)
    const said = auditFault.mended ? texts.auditMended : auditFault.lasting ? texts.auditLasting : texts.auditMending
    notices.push({ of: auditFault, text: said(title) })
  }
  return notices
}
