import { useEffect, useRef, useState, type RefObject } from 'react'
import { useTexts } from '../../../adapters/settings-store.ts'
import { SmileIcon } from '../../../parts/icons.tsx'
import { later } from '../../../parts/later.tsx'
import { touchQuery } from '../../../parts/use-media.ts'

const EmojiPanel = later(async () => (await import('./emoji-panel.tsx')).EmojiPanel)

interface EmojiButtonProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly onPick: (emoji: string) => void
  /** The focus returns to the field. */
  readonly onClosed: () => void
}

/** Emoji for the text: in the place of a phone's keyboard, or above the button on a PC. */
export function EmojiButton({ field, onPick, onClosed }: EmojiButtonProps) {
  const texts = useTexts()
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)

  function close(): void {
    setOpen(false)
    if (!matchMedia(touchQuery).matches) onClosed()
  }

  // On a phone the keyboard returns when the field is touched, and replaces the panel.
  useEffect(() => {
    const input = field.current
    if (!isOpen || input === null || !matchMedia(touchQuery).matches) return
    input.blur()
    const onFocus = (): void => setOpen(false)
    input.addEventListener('focus', onFocus)
    return () => input.removeEventListener('focus', onFocus)
  }, [isOpen, field])

  return (
    <>
      <button
        ref={button}
        type="button"
        className="composer-emoji"
        aria-label={texts.emoji}
        title={texts.emoji}
        aria-expanded={isOpen}
        onClick={() => (isOpen ? close() : setOpen(true))}
        data-testid="emoji-button"
      >
        <SmileIcon />
      </button>
      {isOpen && <EmojiPanel button={button} onPick={onPick} onClose={close} />}
    </>
  )
}
