import { useSyncExternalStore } from 'react'
import { useView } from '../app-context.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { historyNotices } from '../text/history-text.ts'

/** Notices the person has dismissed, for all panes. */
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

/** One line about a change of the history itself [A3, A4], one at a time. Each stays until it is dismissed. */
export function HistoryNotice() {
  const texts = useTexts()
  const view = useView()
  useSyncExternalStore(subscribe, () => putAway.size)
  const said = historyNotices(texts, view).find(({ of }) => !putAway.has(of))
  if (said === undefined) return null
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
