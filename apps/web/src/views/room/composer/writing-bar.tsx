import type { Room } from '@bongsu/client'
import { useApp, useNames } from '../../../app-context.ts'
import { useLanguage, useTexts } from '../../../adapters/settings-store.ts'
import { wordsOf } from '../../../kinds/kinds.ts'
import { CloseIcon, PencilIcon, ReplyIcon } from '../../../parts/icons.tsx'
import { clip } from '../../../text/cut-text.ts'
import { hueOf } from '../quote.tsx'
import { targetNow } from '../target.ts'
import type { Writing } from '../use-room-deeds.ts'

/** One line of the text is shown. */
const unitsMax = 160

interface WritingBarProps {
  readonly writing: Exclude<Writing, { at: 'new' }>
  readonly room: Room
  readonly onCancel: () => void
}

/** The bar above the field: the message being answered, or that a text is being edited. */
export function WritingBar({ writing: { at, target }, room, onCancel }: WritingBarProps) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me } = useApp()
  const nameOf = useNames()
  const isMine = target.author === me
  const now = targetNow(target, room)
  const title = at === 'edit' ? texts.editing : isMine ? texts.replyToMe : texts.replyTo(nameOf(target.author) ?? texts.unknownPerson)
  return (
    <div className="writing-bar" style={hueOf(target.author)} data-testid="writing-bar">
      {at === 'edit' ? <PencilIcon size={20} /> : <ReplyIcon size={20} />}
      <p>
        <b>{title}</b>
        <span>{now === null ? texts.quoteGone : clip(wordsOf(now, { language, nameOf, room: room.meta.kind }), unitsMax)}</span>
      </p>
      <button type="button" className="icon-button" aria-label={texts.cancel} title={texts.cancel} onClick={onCancel} data-testid="cancel-writing">
        <CloseIcon size={18} />
      </button>
    </div>
  )
}
