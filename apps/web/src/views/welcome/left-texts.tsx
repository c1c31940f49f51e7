import { useId, useState } from 'react'
import type { LeftText } from '../../adapters/session.ts'
import { useTexts } from '../../adapters/settings-store.ts'
import { copyText } from '../../parts/copy-text.ts'
import { later } from '../../parts/later.tsx'

const Confirm = later(async () => (await import('../../parts/dialog.tsx')).Confirm)

/** What a revoked device has deleted, and the texts that were not sent [C10]. */
export function LeftTexts({ left, onForget }: { readonly left: readonly LeftText[]; readonly onForget: () => Promise<void> }) {
  const texts = useTexts()
  const [copied, setCopied] = useState<string | null>(null)
  const [asks, setAsks] = useState(false)
  const id = useId()

  function forget(): void {
    setAsks(false)
    // A store that cannot delete keeps the texts on the screen.
    onForget().catch(() => undefined)
  }

  return (
    <section className="left-texts" data-testid="left-texts" role="status">
      <p className="invite-who">{texts.deviceRevoked}</p>
      <p className="hint">{left.length === 0 ? texts.deviceRevokedNothing : texts.deviceRevokedLeft(left.length)}</p>
      {left.length > 0 && (
        <ul className="plain-list">
          {left.map(({ key, title, text, isDraft }) => (
            <li key={key} className="line-item" data-testid="left-text">
              <span className="row-text">
                <span id={`${id}${key}`} className="left-text">
                  {text}
                </span>
                <span className="row-last">{[title, isDraft ? texts.draft : null].filter((part) => part !== null).join(' · ')}</span>
              </span>
              <button
                type="button"
                className="text-button"
                aria-describedby={`${id}${key}`}
                onClick={() => void copyText(text).then((done) => setCopied(done ? key : null))}
              >
                <span aria-live="polite">{copied === key ? texts.copied : texts.copy}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button
        type="button"
        className={left.length === 0 ? 'text-button' : 'text-button text-button-danger'}
        onClick={() => (left.length === 0 ? forget() : setAsks(true))}
        data-testid="forget-left"
      >
        {left.length === 0 ? texts.understood : texts.forgetLeft}
      </button>
      {asks && <Confirm title={texts.forgetLeftAsk} action={texts.eraseNow} onConfirm={forget} onClose={() => setAsks(false)} />}
    </section>
  )
}
