import { useCallback, useEffect, useLayoutEffect, useRef } from 'react'
import { draftOf, putDraft, useDrafts } from '../../../adapters/drafts.ts'
import { touchQuery } from '../../../parts/use-media.ts'

/** Pause in typing after which the draft is stored. */
const draftMs = 400
/** From this length on the field uses the system's font: layout of a long text takes a browser twice as long with a font of ninety files. */
const plainFontUnits = 4_000
/** Longest wait for a browser that does not end a composition when the field loses focus. */
const compositionMs = 100

const growsByItself = CSS.supports('field-sizing', 'content')

/**
 * The text field and its draft. The browser owns the field: React never sets its value during typing, so that no input method, Hangul above all, is
 * ever interrupted.
 * @param edited the text that is being edited; null for a new one. Only a new text is kept as a draft.
 */
export function useField(conversationId: string, edited: string | null, onLook: (text: string) => void) {
  const field = useRef<HTMLTextAreaElement>(null)
  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const composing = useRef(false)
  const whenComposed = useRef<(() => void) | null>(null)
  const keeps = useRef(edited === null)
  /** The draft as this field last stored or read it. */
  const known = useRef('')
  const latest = useRef(onLook)
  latest.current = onLook

  function textNow(): string {
    return field.current?.value ?? ''
  }

  /** Set on the element itself: a paste must find it done before the browser lays the text out. */
  function choosePlainFont(units: number): void {
    field.current?.classList.toggle('composer-long', units > plainFontUnits)
  }

  function look(): void {
    const text = textNow()
    choosePlainFont(text.length)
    latest.current(text)
    if (growsByItself || field.current === null) return
    field.current.style.height = 'auto'
    field.current.style.height = `${field.current.scrollHeight}px`
  }

  function put(text: string): void {
    if (field.current === null) return
    field.current.value = text
    look()
  }

  function saveDraft(): void {
    clearTimeout(saving.current)
    saving.current = undefined
    if (field.current === null || !keeps.current) return
    known.current = textNow()
    putDraft(conversationId, known.current)
  }

  const focus = useCallback(() => field.current?.focus({ preventScroll: true }), [])
  /** A closing menu returns the focus to its opener in the next frame. This runs after that. */
  const focusSoon = useCallback(() => void requestAnimationFrame(() => setTimeout(focus)), [focus])

  useLayoutEffect(() => {
    const input = field.current
    if (input === null) return
    known.current = draftOf(conversationId)
    input.value = edited ?? known.current
    keeps.current = edited === null
    look()
    if (edited !== null || !matchMedia(touchQuery).matches) {
      focus()
      input.setSelectionRange(input.value.length, input.value.length)
      if (edited !== null) focusSoon()
    }
    return () => {
      clearTimeout(saving.current)
      // What this window has stored already may be older than what another one has written since.
      if (keeps.current && input.value !== known.current) putDraft(conversationId, input.value)
    }
    // The field is filled again for each room, and for each edited text.
  }, [conversationId, edited, focus, focusSoon])

  /** A draft that comes from elsewhere, such as another window or a refused text, replaces no words: those typed here follow it. */
  const draft = useDrafts().get(conversationId) ?? ''
  const drafted = useRef(draft)
  drafted.current = draft
  function adopt(): void {
    const now = drafted.current
    const { current: before } = known
    // A composition is not disturbed. This runs again after it.
    if (field.current === null || !keeps.current || now === before || composing.current) return
    const typed = textNow()
    known.current = now
    if (typed === before) put(now)
    else if (now !== '' && typed.trim() === '') put(now)
    else if (now !== '') {
      put(before !== '' && now.endsWith(before) ? now.slice(0, -before.length) + typed : `${now}\n${typed}`)
      saveDraft()
    }
  }
  const adoptNow = useRef(adopt)
  adoptNow.current = adopt
  useEffect(() => adoptNow.current(), [draft])

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

  function onCompositionEnd(): void {
    composing.current = false
    const run = whenComposed.current
    whenComposed.current = null
    // The composed syllable reaches the field after this event, in every engine.
    setTimeout(run ?? adopt)
  }

  return {
    field,
    focus,
    focusSoon,
    look,
    textNow,
    saveDraft,
    /** Replaces the text of the field. */
    put,
    /** Writes a text over the units from..to, or at the caret, as if it had been typed. */
    insert: (text: string, from?: number, to?: number): void => {
      const input = field.current
      if (input === null) return
      input.setRangeText(text, from ?? input.selectionStart, to ?? input.selectionEnd, 'end')
      input.dispatchEvent(new InputEvent('input', { bubbles: true }))
    },
    /** Runs when no syllable is in composition. A composition is ended first. */
    composed: (run: () => void): void => {
      const input = field.current
      if (input === null) return
      if (!composing.current) {
        run()
        return
      }
      whenComposed.current = () => {
        focus()
        run()
      }
      input.blur()
      setTimeout(onCompositionEnd, compositionMs)
    },
    handlers: {
      onCompositionStart: () => {
        composing.current = true
      },
      onCompositionEnd,
      onPaste: (event: React.ClipboardEvent) => {
        choosePlainFont(textNow().length + event.clipboardData.getData('text/plain').length)
      },
      /** Stores the draft after a pause. */
      onWritten: () => {
        clearTimeout(saving.current)
        saving.current = setTimeout(saveDraft, draftMs)
      },
    },
  }
}
