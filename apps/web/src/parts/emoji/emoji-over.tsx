import { useRef } from 'react'
import { Dialog, Modal, ModalOverlay, Popover } from 'react-aria-components'
import { useTexts } from '../../adapters/settings-store.ts'
import { useCloseRequest } from '../use-close-request.ts'
import { touchQuery, useMedia, wideQuery } from '../use-media.ts'
import { EmojiPicker } from './emoji-picker.tsx'
import '../dialog.css'
import '../popover.css'

interface EmojiOverProps {
  readonly place: { readonly x: number; readonly y: number }
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}

/** The picker over a room: from below on a phone, at a point on a PC. */
export function EmojiOver({ place, onPick, onClose }: EmojiOverProps) {
  const texts = useTexts()
  const touch = useMedia(touchQuery)
  const wide = useMedia(wideQuery)
  const anchor = useRef<HTMLSpanElement>(null)
  useCloseRequest(onClose)
  const onOpenChange = (open: boolean): void => {
    if (!open) onClose()
  }
  if (touch || !wide) {
    return (
      <ModalOverlay isOpen isDismissable className="scrim scrim-centre" onOpenChange={onOpenChange}>
        <Modal className="sheet sheet-centre sheet-emoji">
          <Dialog aria-label={texts.emoji}>
            <EmojiPicker onPick={onPick} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    )
  }
  return (
    <>
      <span ref={anchor} className="menu-anchor" style={{ left: place.x, top: place.y }} />
      <Popover
        isOpen
        triggerRef={anchor}
        placement="bottom start"
        offset={6}
        containerPadding={12}
        className="menu-popover emoji-popover"
        onOpenChange={onOpenChange}
      >
        <Dialog aria-label={texts.emoji}>
          <EmojiPicker onPick={onPick} />
        </Dialog>
      </Popover>
    </>
  )
}
