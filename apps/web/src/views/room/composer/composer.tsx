import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { roomTitle, type Room } from '@bongsu/client'
import { countCodePoints, faultInText, isVisible, LIMITS, type Mention } from '@bongsu/protocol'
import { useApp, useView } from '../../../app-context.ts'
import { returnToDraft } from '../../../adapters/drafts.ts'
import { useLanguage, useTexts } from '../../../adapters/settings-store.ts'
import { PlaceButton } from '../../../kinds/place/place-button.tsx'
import { CheckIcon, SendIcon } from '../../../parts/icons.tsx'
import { toast } from '../../../parts/toast.tsx'
import { touchQuery } from '../../../parts/use-media.ts'
import { countLabel } from '../../../text/count-label.ts'
import { isolated } from '../../../text/isolated.ts'
import { whyNot } from '../../../text/why-not.ts'
import type { Writing } from '../use-room-deeds.ts'
import { EmojiButton } from './emoji-button.tsx'
import { MentionList } from './mention-list.tsx'
import type { Candidate } from './mentions.ts'
import { useField } from './use-field.ts'
import { useMentions } from './use-mentions.ts'
import { WritingBar } from './writing-bar.tsx'

/** From here on the number of characters is shown. */
const countFrom = LIMITS.textCodePointsMax - 500

interface ComposerProps {
  readonly room: Room
  readonly writing: Writing
  /** The server supports mentions. */
  readonly mentions: boolean
  /** Resolves when the text is stored on this device; rejects when it could not be stored [C1]. */
  readonly onSend: (text: string, mentions: readonly Mention[]) => Promise<void>
  /** The text is a new message and no reply. */
  readonly onNew: () => void
  readonly onWriting: () => void
  /** Moves the focus to the newest message. */
  readonly onUp: () => void
  /** Scrolls the log by one view. */
  readonly onPage: (direction: 1 | -1) => void
}

/** The field for a new message, a reply, or an edit of one's own text. */
export function Composer({ room, writing, mentions: hasMentions, onSend, onNew, onWriting, onUp, onPage }: ComposerProps) {
  const texts = useTexts()
  const language = useLanguage()
  const listId = useId()
  const { device } = useApp()
  const { replica } = useView()
  const { features } = replica
  const [empty, setEmpty] = useState(true)
  const [count, setCount] = useState(0)
  const [problem, setProblem] = useState<string | null>(null)
  const edited = writing.at === 'edit' && writing.target.body.kind === 'text' ? writing.target.body : null
  const [editedWith] = [useEdited(edited?.text, edited?.mentions)]

  const { field, focus, focusSoon, look, textNow, saveDraft, put, insert, composed, handlers } = useField(
    room.conversationId,
    edited?.text ?? null,
    (text) => {
      setEmpty(!isVisible(text))
      // A text has at least as many units as code points, so most texts need no counting.
      setCount(text.length < countFrom ? 0 : countCodePoints(text))
    },
  )
  const mentions = useMentions(room, hasMentions, editedWith)

  // A reply starts with the focus in the field.
  const answered = writing.at === 'reply' ? writing.target.key : null
  useEffect(() => {
    if (answered !== null) focusSoon()
  }, [answered, focusSoon])

  async function send(): Promise<void> {
    const text = textNow()
    const fault = faultInText(text, LIMITS.textCodePointsMax)
    if (fault === 'text-malformed') setProblem(texts.textMalformed)
    if (fault !== null) return
    setProblem(null)
    const placed = mentions.placed(text)
    const isEdit = edited !== null
    if (!isEdit) put('')
    mentions.close()
    try {
      await onSend(text, placed)
      mentions.sent()
      if (!isEdit) saveDraft()
    } catch (error) {
      // The text is put back in front of everything typed since: words are never lost.
      if (field.current === null) {
        // The room was left meanwhile.
        returnToDraft(room.conversationId, text)
        toast(texts.keptAsDraft(isolated(roomTitle(room, replica) ?? texts.notes), whyNot(texts, error)))
        return
      }
      if (!isEdit) put(textNow() === '' ? text : `${text}\n${textNow()}`)
      saveDraft()
      setProblem(whyNot(texts, error))
    }
  }

  function choose(candidate: Candidate): void {
    composed(() => {
      const { query } = mentions
      const input = field.current
      if (query === null || input === null) return
      insert(mentions.choose(candidate), query.from, Math.max(input.selectionEnd, query.from + 1 + query.query.length))
      focus()
    })
  }

  function onKeyDown(event: KeyboardEvent): void {
    const chosen = mentions.onKeyDown(event)
    if (chosen !== undefined) {
      event.preventDefault()
      if (chosen !== null) choose(chosen)
      return
    }
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.key === 'Escape' && writing.at !== 'new') onNew()
    else if (event.key === 'ArrowUp' && textNow() === '') onUp()
    else if ((event.key === 'PageUp' || event.key === 'PageDown') && isWhole(event.currentTarget)) onPage(event.key === 'PageUp' ? -1 : 1)
    else if (event.key === 'Enter' && !matchMedia(touchQuery).matches) void send()
    else return
    event.preventDefault()
  }

  const over = count > LIMITS.textCodePointsMax
  const note = over
    ? texts.textOver(countLabel(count), countLabel(LIMITS.textCodePointsMax))
    : (problem ?? (count >= countFrom ? texts.textCount(countLabel(count), countLabel(LIMITS.textCodePointsMax)) : null))
  const listed = mentions.shown.length > 0
  return (
    <div className="composer" data-writing={writing.at}>
      {writing.at !== 'new' && <WritingBar writing={writing} room={room} onCancel={onNew} />}
      {note !== null && (
        <p className="composer-note" id="composer-note" role="status" data-testid="composer-note">
          {note}
        </p>
      )}
      <div className="composer-row">
        {listed && <MentionList id={listId} shown={mentions.shown} active={mentions.active} memberCount={room.meta.memberCount} onChoose={choose} />}
        <textarea
          ref={field}
          rows={1}
          placeholder={texts.message}
          aria-label={writing.at === 'edit' ? texts.editing : texts.message}
          aria-describedby={note === null ? undefined : 'composer-note'}
          aria-invalid={over}
          aria-autocomplete={hasMentions ? 'list' : undefined}
          aria-controls={listed ? listId : undefined}
          aria-activedescendant={listed ? `${listId}-${mentions.active}` : undefined}
          data-testid="composer"
          onKeyDown={onKeyDown}
          onPaste={handlers.onPaste}
          onCompositionStart={handlers.onCompositionStart}
          onCompositionEnd={handlers.onCompositionEnd}
          onSelect={(event) => mentions.look(event.currentTarget.value, event.currentTarget.selectionEnd)}
          onBlur={mentions.close}
          onInput={(event) => {
            look()
            setProblem(null)
            handlers.onWritten()
            mentions.look(event.currentTarget.value, event.currentTarget.selectionEnd)
            if (textNow() !== '') onWriting()
          }}
        />
        {features.includes('items') && (
          <PlaceButton
            language={language}
            onPlace={(body) => void device.send(room.conversationId, body).catch((error: unknown) => setProblem(whyNot(texts, error)))}
          />
        )}
        <EmojiButton onPick={(emoji) => insert(emoji)} onClosed={focusSoon} field={field} />
        <button
          type="button"
          className="send-button"
          aria-label={writing.at === 'edit' ? texts.save : texts.send}
          disabled={empty || over}
          data-testid="send"
          // The field keeps the focus, and a phone its keyboard.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            // A syllable in composition is finished first, then sent with the rest.
            composed(() => void send())
            focus()
          }}
        >
          {writing.at === 'edit' ? <CheckIcon size={22} /> : <SendIcon size={22} />}
        </button>
      </div>
    </div>
  )
}

/** Whether the field shows all of its text, so that it has nothing to scroll. */
function isWhole({ scrollHeight, clientHeight }: Element): boolean {
  return scrollHeight <= clientHeight
}

const noMentions = [] as const

/** The edited text, as one stable value during the edit. */
function useEdited(text: string | undefined, mentions: readonly Mention[] = noMentions) {
  const edited = useRef<{ readonly text: string; readonly mentions: readonly Mention[] } | null>(null)
  if (text === undefined) edited.current = null
  else if (edited.current?.text !== text || edited.current.mentions !== mentions) edited.current = { text, mentions }
  return edited.current
}
