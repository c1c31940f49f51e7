import type { RefObject } from 'react'
import { createPortal } from 'react-dom'
import { Dialog, Popover } from 'react-aria-components'
import { useTexts } from '../../../adapters/settings-store.ts'
import { EmojiPicker } from '../../../parts/emoji/emoji-picker.tsx'
import { touchQuery, useMedia } from '../../../parts/use-media.ts'
import { useCloseRequest } from '../../../parts/use-close-request.ts'
import '../../../parts/popover.css'

interface EmojiPanelProps {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

/** Stays open while emoji are chosen. */
export function EmojiPanel({ button, onPick, onClose }: EmojiPanelProps) {
  const texts = useTexts()
  const touch = useMedia(touchQuery)
  useCloseRequest(onClose)
  const below = touch ? button.current?.closest('.composer') : null
  if (below !== null && below !== undefined) {
    return createPortal(
      <section className="emoji-below" role="dialog" aria-label={texts.emoji}>
        <EmojiPicker onPick={onPick} />
      </section>,
      below,
    )
  }
  return (
    <Popover
      isOpen
      triggerRef={button}
      placement="top end"
      offset={10}
      containerPadding={12}
      className="menu-popover emoji-popover"
      onOpenChange={(open) => !open && onClose()}
    >
      <Dialog aria-label={texts.emoji}>
        <EmojiPicker onPick={onPick} />
      </Dialog>
    </Popover>
  )
}
