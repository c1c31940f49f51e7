import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { countCodePoints, faultInText, LIMITS } from '@bongsu/protocol'
import { draftOf, putDraft } from '../../adapters/drafts.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { SendIcon } from '../../parts/icons.tsx'
import { touchQuery } from '../../parts/use-media.ts'

/** A pause in writing after which the draft is written down. */
const draftMs = 400
/** From here on the count is shown. */
const countFrom = LIMITS.textCodePointsMax - 500
/** From here on the field uses the system's font: laying out a long text in a font of ninety files takes a browser twice as long. */
const plainFontUnits = 4_000
/** A browser that does not end a composition when the field loses focus is waited for no longer than this. */
const compositionMs = 100

const growsByItself = CSS.supports('field-sizing', 'content')

interface ComposerProps {
  readonly conversationId: string
  /** Resolves when the text is stored on this device; rejects when it could not be [C1]. */
  readonly onSend: (text: string) => Promise<void>
  readonly onWriting: () => void
}

/**
 * Where one writes. The field belongs to the browser: React never sets its value while someone writes, so that no input method,
 * Hangul above all, is ever interrupted.
 */
export function Composer({ conversationId, onSend, onWriting }: ComposerProps) {
  const texts = useTexts()
  const language = useLanguage()
  const field = useRef<HTMLTextAreaElement>(null)
  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const composing = useRef(false)
  const sendWhenComposed = useRef(false)
  const [empty, setEmpty] = useState(true)
  const [count, setCount] = useState(0)
  const [problem, setProblem] = useState<string | null>(null)

  function textNow(): string {
    return field.current?.value ?? ''
  }

  function grow(): void {
    if (growsByItself || field.current === null) return
    field.current.style.height = 'auto'
    field.current.style.height = `${field.current.scrollHeight}px`
  }

  /** Set on the element itself: a paste must find it done before the browser lays the text out. */
  function choosePlainFont(units: number): void {
    field.current?.classList.toggle('composer-long', units > plainFontUnits)
  }

  function look(): void {
    const text = textNow()
    choosePlainFont(text.length)
    setEmpty(text.trim() === '')
    // Units are never fewer than code points, so most texts need no counting.
    setCount(text.length < countFrom ? 0 : countCodePoints(text))
    grow()
  }

  function saveDraft(): void {
    clearTimeout(saving.current)
    saving.current = undefined
    if (field.current !== null) putDraft(conversationId, textNow())
  }

  useLayoutEffect(() => {
    const input = field.current
    if (input === null) return
    input.value = draftOf(conversationId)
    look()
    if (!matchMedia(touchQuery).matches) {
      input.focus({ preventScroll: true })
      input.setSelectionRange(input.value.length, input.value.length)
    }
    return () => {
      clearTimeout(saving.current)
      putDraft(conversationId, input.value)
    }
    // The field is made anew for each room.
  }, [conversationId])

  useEffect(() => {
    // Going to the background may be the last thing a phone lets an app do.
    const save = (): void => {
      if (saving.current !== undefined) saveDraft()
    }
    addEventListener('pagehide', save)
    document.addEventListener('visibilitychange', save)
    return () => {
      removeEventListener('pagehide', save)
      document.removeEventListener('visibilitychange', save)
    }
  })

  async function send(): Promise<void> {
    const input = field.current
    if (input === null) return
    const text = input.value
    const fault = faultInText(text, LIMITS.textCodePointsMax)
    if (fault === 'text-malformed') setProblem(texts.textMalformed)
    if (fault !== null) return
    setProblem(null)
    input.value = ''
    look()
    try {
      await onSend(text)
      saveDraft()
    } catch {
      // Given back in front of whatever was written since: words are never thrown away.
      input.value = input.value === '' ? text : `${text}\n${input.value}`
      look()
      saveDraft()
      setProblem(texts.couldNotStore)
    }
  }

  /** By the button: a syllable still being composed is finished first, then sent with the rest. */
  function press(): void {
    const input = field.current
    if (input === null) return
    if (!composing.current) {
      input.focus({ preventScroll: true })
      void send()
      return
    }
    sendWhenComposed.current = true
    input.blur()
    setTimeout(composed, compositionMs)
  }

  function composed(): void {
    composing.current = false
    if (!sendWhenComposed.current) return
    sendWhenComposed.current = false
    // The composed syllable reaches the field after this event, on every engine.
    setTimeout(() => {
      field.current?.focus({ preventScroll: true })
      void send()
    })
  }

  function onKeyDown(event: KeyboardEvent): void {
    // 229 is what browsers say while an input method has the key; Safari says it after isComposing is already false.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return
    if (matchMedia(touchQuery).matches) return
    event.preventDefault()
    void send()
  }

  const over = count > LIMITS.textCodePointsMax
  const number = (value: number): string => value.toLocaleString(language)
  const note = over
    ? texts.textOver(number(count), number(LIMITS.textCodePointsMax))
    : (problem ?? (count >= countFrom ? texts.textCount(number(count), number(LIMITS.textCodePointsMax)) : null))
  return (
    <div className="composer">
      {note !== null && (
        <p className="composer-note" id="composer-note" role="status" data-testid="composer-note">
          {note}
        </p>
      )}
      <div className="composer-row">
        <textarea
          ref={field}
          rows={1}
          placeholder={texts.message}
          aria-label={texts.message}
          aria-describedby={note === null ? undefined : 'composer-note'}
          aria-invalid={over}
          data-testid="composer"
          onKeyDown={onKeyDown}
          onPaste={(event) => choosePlainFont(textNow().length + event.clipboardData.getData('text/plain').length)}
          onCompositionStart={() => {
            composing.current = true
          }}
          onCompositionEnd={composed}
          onInput={() => {
            look()
            setProblem(null)
            clearTimeout(saving.current)
            saving.current = setTimeout(saveDraft, draftMs)
            if (textNow() !== '') onWriting()
          }}
        />
        <button
          type="button"
          className="send-button"
          aria-label={texts.send}
          disabled={empty || over}
          data-testid="send"
          // The field keeps the focus, and a phone its keyboard.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={press}
        >
          <SendIcon size={22} />
        </button>
      </div>
    </div>
  )
}
