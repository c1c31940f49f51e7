import { useSyncExternalStore } from 'react'
import { roomTitle, type View } from '@bongsu/client'
import { useView } from '../app-context.ts'
import { useTexts } from '../adapters/settings-store.ts'
import type { Texts } from '../text/texts.ts'

/** What the person has read and put away, in all panes at once. */
const putAway = new Set<object>()
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function dismiss(notice: object): void {
  putAway.add(notice)
  for (const listener of listeners) listener()
}

/** What the audit or a restore has to say, or null. */
export function historyText(texts: Texts, view: Pick<View, 'restored' | 'auditFault' | 'replica'>): { of: object; text: string } | null {
  const { restored, auditFault, replica } = view
  if (restored !== null) return { of: restored, text: restored.putBack > 0 ? texts.restoredPutBack(restored.putBack) : texts.restored }
  if (auditFault === null) return null
  const room = replica.rooms.get(auditFault.conversationId)
  const title = room === undefined ? texts.aRoom : (roomTitle(room, replica.accountId) ?? texts.notes)
  return { of: auditFault, text: auditFault.mended ? texts.auditMended(title) : texts.auditFault(title) }
}

/** One line on what happened to the history itself [A3, A4]: said plainly, kept until it is put away. */
export function HistoryNotice() {
  const texts = useTexts()
  const view = useView()
  const said = historyText(texts, view)
  const away = useSyncExternalStore(subscribe, () => said !== null && putAway.has(said.of))
  if (said === null || away) return null
  return (
    <div className="connection-line" role="status" data-testid="history-notice">
      <span className="connection-dot" aria-hidden="true" />
      <p>{said.text}</p>
      <button type="button" className="text-button" onClick={() => dismiss(said.of)}>
        {texts.understood}
      </button>
    </div>
  )
}
