import { useTexts } from '../../adapters/settings-store.ts'
import type { ActName } from '../../kinds/look.ts'
import { DotsIcon, ReplyIcon, SmileIcon } from '../../parts/icons.tsx'
import type { Deeds } from './deeds.ts'
import { quickEmoji } from './quick-emoji.ts'
import { placeBelow, type Target } from './target.ts'

/** Number of quick emoji shown here. The menu has all six. */
const shownEmoji = 3

interface HoverBarProps {
  readonly target: Target
  readonly acts: readonly ActName[]
  readonly side: 'beside' | 'above' | 'below'
  readonly deeds: Deeds
}

/** The bar beside the message under the mouse. The menu has the same acts, so the bar is not reachable by keyboard. */
export function HoverBar({ target, acts, side, deeds }: HoverBarProps) {
  const texts = useTexts()
  return (
    <div className={`hover-place hover-place-${side}`}>
      <div className="hover-bar" data-testid="hover-bar">
        {acts.includes('react') &&
          quickEmoji.slice(0, shownEmoji).map((emoji) => (
            <button
              key={emoji}
              type="button"
              tabIndex={-1}
              aria-label={texts.reactWith(emoji)}
              title={texts.reactWith(emoji)}
              onClick={() => deeds.react(target, emoji)}
            >
              {emoji}
            </button>
          ))}
        {acts.includes('react') && (
          <button
            type="button"
            tabIndex={-1}
            aria-label={texts.moreEmoji}
            title={texts.moreEmoji}
            onClick={(event) => deeds.act('react', target, placeBelow(event.currentTarget))}
          >
            <SmileIcon size={19} />
          </button>
        )}
        {acts.includes('reply') && (
          <button
            type="button"
            tabIndex={-1}
            aria-label={texts.reply}
            title={texts.reply}
            onClick={(event) => deeds.act('reply', target, placeBelow(event.currentTarget))}
            data-testid="hover-reply"
          >
            <ReplyIcon size={19} />
          </button>
        )}
        <button
          type="button"
          tabIndex={-1}
          aria-label={texts.messageMenu}
          title={texts.messageMenu}
          onClick={(event) => deeds.menu(target, placeBelow(event.currentTarget))}
          data-testid="hover-menu"
        >
          <DotsIcon size={19} />
        </button>
      </div>
    </div>
  )
}
