import { useRef, type ReactNode } from 'react'
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useTexts } from '../adapters/settings-store.ts'
import { CloseIcon } from './icons.tsx'
import { useCloseRequest } from './use-close-request.ts'
import './dialog.css'

interface SheetProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** side: full height at the right, for long content. */
  readonly kind?: 'centre' | 'side'
  /** The title is read by screen readers but not shown. */
  readonly titleHidden?: boolean
  readonly testId?: string
}

/** A dialog: in the middle or at the side on a wide screen, from below on a phone. Esc and a click outside close it, and the focus returns. */
export function Sheet({ title, onClose, children, kind = 'centre', titleHidden = false, testId }: SheetProps) {
  const texts = useTexts()
  useCloseRequest(onClose)
  return (
    <ModalOverlay isOpen isDismissable className={`scrim scrim-${kind}`} onOpenChange={(open) => !open && onClose()}>
      <Modal className={`sheet sheet-${kind}`}>
        <Dialog className="sheet-body" data-testid={testId}>
          <header className="sheet-header">
            <Heading slot="title" className={titleHidden ? 'visually-hidden' : ''}>
              {title}
            </Heading>
            <button type="button" className="icon-button" aria-label={texts.close} onClick={onClose} data-testid="close-sheet">
              <CloseIcon size={20} />
            </button>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

interface ConfirmProps {
  readonly title: string
  readonly about?: string | undefined
  /** A loss the person must know about. */
  readonly loss?: string | undefined
  readonly action: string
  /** A choice that belongs to the question. */
  readonly children?: ReactNode
  readonly error?: string | null
  readonly onConfirm: () => Promise<void> | void
  readonly onClose: () => void
}

/** Asks before something is taken away [C26]. */
export function Confirm({ title, about, loss, action, error = null, children, onConfirm, onClose }: ConfirmProps) {
  const texts = useTexts()
  const busy = useRef(false)
  useCloseRequest(onClose)
  return (
    <ModalOverlay isOpen isDismissable className="scrim scrim-centre" onOpenChange={(open) => !open && onClose()}>
      <Modal className="sheet sheet-centre sheet-confirm">
        <Dialog role="alertdialog" className="sheet-body" data-testid="confirm">
          <Heading slot="title">{title}</Heading>
          {about !== undefined && <p className="confirm-about">{about}</p>}
          {loss !== undefined && <p className="confirm-loss">{loss}</p>}
          {children}
          {error !== null && (
            <p className="form-error" role="alert">
              {error}
            </p>
          )}
          <div className="confirm-actions">
            <button type="button" className="button button-quiet" onClick={onClose} autoFocus>
              {texts.cancel}
            </button>
            <button
              type="button"
              className="button button-danger"
              data-testid="confirm-action"
              onClick={() => {
                if (busy.current) return
                busy.current = true
                void Promise.resolve(onConfirm()).finally(() => {
                  busy.current = false
                })
              }}
            >
              {action}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
