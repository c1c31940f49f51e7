import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Dialog, Menu, MenuItem, Modal, ModalOverlay, Popover, Separator } from 'react-aria-components'
import type { Item } from '@bongsu/protocol'
import { useLanguage, useTexts } from '../../../adapters/settings-store.ts'
import type { ActName } from '../../../kinds/look.ts'
import { markLook } from '../../../kinds/mark-looks.ts'
import { BlockIcon, FlagIcon, PencilIcon, ReplyIcon, SmileIcon, TrashIcon, EyeOffIcon } from '../../../parts/icons.tsx'
import { useCloseRequest } from '../../../parts/use-close-request.ts'
import { touchQuery, useMedia, wideQuery } from '../../../parts/use-media.ts'
import { useReportTexts } from '../../../text/report-texts.ts'
import type { Deeds } from '../deeds.ts'
import { quickEmoji } from '../quick-emoji.ts'
import { hueOf } from '../quote.tsx'
import type { Place, Target } from '../target.ts'
import { CopyIcon, InfoIcon, PeopleIcon, SelectIcon } from './menu-icons.tsx'
import '../../../parts/dialog.css'
import '../../../parts/popover.css'
import './message-menu.css'

/** Two or three lines of the message are shown above a phone's menu. */
const repeatedUnitsMax = 400

/** After a finger is lifted, its click is over by then. */
const liftMs = 200

type Choice = Exclude<ActName, 'react'> | 'reactors'

interface MessageMenuProps {
  readonly target: Target
  readonly place: Place
  readonly acts: readonly ActName[]
  readonly name: string
  readonly words: string
  readonly mine: string | null
  readonly reactionCount: number
  /** Marks that can be set, and whether each is set. */
  readonly toggles: ReadonlyMap<Item['kind'], boolean>
  readonly onToggle: (kind: Item['kind'], isSet: boolean) => void
  readonly deeds: Omit<Deeds, 'jump'>
  readonly onClose: () => void
}

/** The acts for a message: a sheet that repeats the message on a phone, a menu at the pointer on a PC. */
export function MessageMenu(props: MessageMenuProps) {
  const touch = useMedia(touchQuery)
  const wide = useMedia(wideQuery)
  return touch || !wide ? <MenuSheet {...props} /> : <MenuAt {...props} />
}

function MenuSheet(props: MessageMenuProps) {
  const texts = useTexts()
  const { target, place, name, words, onClose } = props
  const isHeld = useHeld(place.held === true)
  useCloseRequest(onClose)
  return (
    <ModalOverlay isOpen isDismissable className="scrim scrim-centre" onOpenChange={(open) => !open && onClose()}>
      <Modal className={`sheet sheet-centre sheet-menu${isHeld ? ' sheet-held' : ''}`}>
        <Dialog className="sheet-body" aria-label={texts.messageMenu} data-testid="message-menu">
          <div className="menu-repeated" style={hueOf(target.author)}>
            <b>{name}</b>
            <p>{words.slice(0, repeatedUnitsMax)}</p>
          </div>
          <MenuBody {...props} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Until the finger that opened the sheet is lifted: what comes to lie under it must not be taken for chosen. */
function useHeld(atFirst: boolean): boolean {
  const [isHeld, setHeld] = useState(atFirst)
  useEffect(() => {
    if (!isHeld) return
    // The click that a browser makes of the lifting comes first. A pointer may be cancelled while the finger still rests, so touches are followed.
    const lifted = (): void => void setTimeout(() => setHeld(false), liftMs)
    addEventListener('touchend', lifted)
    addEventListener('touchcancel', lifted)
    return () => {
      removeEventListener('touchend', lifted)
      removeEventListener('touchcancel', lifted)
    }
  }, [isHeld])
  return isHeld
}

function MenuAt(props: MessageMenuProps) {
  const { place, onClose } = props
  const texts = useTexts()
  const anchor = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={anchor} className="menu-anchor" style={{ left: place.x, top: place.y }} />
      <Popover
        isOpen
        triggerRef={anchor}
        placement="bottom start"
        offset={6}
        containerPadding={12}
        className="menu-popover"
        onOpenChange={(open) => !open && onClose()}
      >
        <Dialog aria-label={texts.messageMenu} data-testid="message-menu">
          <MenuBody {...props} />
        </Dialog>
      </Popover>
    </>
  )
}

function MenuBody({ target, place, acts, mine, reactionCount, toggles, onToggle, deeds, onClose }: MessageMenuProps) {
  const texts = useTexts()
  const reportTexts = useReportTexts()
  const language = useLanguage()
  const text: Readonly<Record<Choice, string>> = {
    reply: texts.reply,
    copy: texts.copy,
    edit: texts.edit,
    select: texts.select,
    details: texts.details,
    block: texts.block,
    report: reportTexts.report,
    hide: texts.hide,
    erase: texts.erase,
    reactors: texts.reactors(reactionCount),
  }
  const items: Choice[] = acts.filter((act) => act !== 'react')
  if (reactionCount > 0) items.splice(items.indexOf('details') + 1, 0, 'reactors')
  const firstDanger = items.findIndex((item) => isDanger(item))

  function choose(item: string): void {
    onClose()
    const toggled = [...toggles].find(([kind]) => `mark-${kind}` === item)
    if (toggled !== undefined) onToggle(...toggled)
    else if (item === 'reactors') deeds.reactors(target, '')
    else deeds.act(item as ActName, target, place)
  }

  const marks = [...toggles].map(([kind, isSet]) => {
    const toggle = markLook(kind).toggle
    const words = toggle?.words(isSet)[language] ?? ''
    return (
      <MenuItem key={kind} id={`mark-${kind}`} textValue={words} className="menu-item" data-testid={`menu-mark-${kind}`}>
        {toggle?.icon}
        <span>{words}</span>
      </MenuItem>
    )
  })

  return (
    <>
      {acts.includes('react') && (
        <div className="menu-six" role="group" aria-label={texts.react}>
          {quickEmoji.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={texts.reactWith(emoji)}
              aria-pressed={mine === emoji}
              onClick={() => {
                onClose()
                deeds.react(target, emoji)
              }}
              data-testid="quick-reaction"
            >
              {emoji}
            </button>
          ))}
          <button type="button" aria-label={texts.moreEmoji} onClick={() => deeds.act('react', target, place)} data-testid="more-emoji">
            <SmileIcon size={22} />
          </button>
        </div>
      )}
      <Menu
        className="menu-list"
        aria-label={texts.messageMenu}
        autoFocus={place.byKey === true ? 'first' : true}
        onAction={(key) => choose(String(key))}
      >
        {items.flatMap((item, index) => [
          ...(index === firstDanger && index > 0 ? [...marks, <Separator key="rule" className="menu-rule" />] : []),
          <MenuItem
            key={item}
            id={item}
            textValue={text[item]}
            className={`menu-item${isDanger(item) ? ' menu-danger' : ''}`}
            data-testid={`menu-${item}`}
          >
            {icons[item]}
            <span>{text[item]}</span>
            {keyHints[item] !== undefined && <kbd aria-hidden="true">{keyHints[item]}</kbd>}
          </MenuItem>,
        ])}
      </Menu>
    </>
  )
}

function isDanger(item: Choice): boolean {
  return item === 'erase' || item === 'hide' || item === 'block'
}

const keyHints: Partial<Record<Choice, string>> = { reply: 'R', edit: 'E', erase: 'Del' }

const icons: Readonly<Record<Choice, ReactNode>> = {
  reply: <ReplyIcon size={20} />,
  copy: <CopyIcon size={20} />,
  edit: <PencilIcon size={20} />,
  select: <SelectIcon size={20} />,
  details: <InfoIcon size={20} />,
  block: <BlockIcon size={20} />,
  report: <FlagIcon size={20} />,
  reactors: <PeopleIcon size={20} />,
  hide: <EyeOffIcon size={20} />,
  erase: <TrashIcon size={20} />,
}
