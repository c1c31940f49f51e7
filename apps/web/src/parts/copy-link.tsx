import { useRef, useState } from 'react'
import { useTexts } from '../adapters/settings-store.ts'

/** How long the button shows that the link was copied. */
const saidMs = 2_000

/** A link to give away: readable, selectable, copied or shared with one press. */
export function CopyLink({ link, testId }: { readonly link: string; readonly testId: string }) {
  const texts = useTexts()
  const field = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState(false)

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
      setTimeout(() => setCopied(false), saidMs)
    } catch {
      // There is no clipboard over plain http. The selected text can be copied by hand.
      field.current?.select()
    }
  }

  return (
    <div className="copy-link">
      <input ref={field} readOnly value={link} aria-label={texts.copy} data-testid={testId} onFocus={(event) => event.target.select()} />
      <button type="button" className="button button-soft" onClick={() => void copy()}>
        <span aria-live="polite">{copied ? texts.copied : texts.copy}</span>
      </button>
      {'share' in navigator && (
        <button type="button" className="button button-quiet" onClick={() => void navigator.share({ url: link }).catch(() => undefined)}>
          {texts.share}
        </button>
      )}
    </div>
  )
}
