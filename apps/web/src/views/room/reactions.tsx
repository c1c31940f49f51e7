import type { Reactions as Reaction } from '@bongsu/client'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { SmileIcon } from '../../parts/icons.tsx'
import type { Deeds } from './deeds.ts'
import type { MessageRow } from './rows.ts'
import { placeBelow } from './target.ts'

/** So many kinds stand under a message; the rest is behind one more button. */
const shownMax = 8

interface ReactionsProps {
  readonly reactions: readonly Reaction[]
  readonly row: MessageRow
  readonly deeds: Deeds
}

/** The most frequent kinds, in the order in which they came, so that a tap does not move the others. */
function mostOf(reactions: readonly Reaction[]): readonly Reaction[] {
  if (reactions.length <= shownMax) return reactions
  const least = reactions.map(({ accounts }) => accounts.length).toSorted((a, b) => b - a)[shownMax - 1] ?? 0
  return reactions.filter(({ accounts }) => accounts.length >= least).slice(0, shownMax)
}

/** Under the bubble: who reacted how. Mine are ringed in flame. */
export function Reactions({ reactions, row, deeds }: ReactionsProps) {
  const texts = useTexts()
  const language = useLanguage()
  const shown = mostOf(reactions)
  const rest = reactions.length - shown.length
  return (
    <div className="reactions" role="group" aria-label={texts.react}>
      {shown.map(({ emoji, accounts, isMine }) => (
        <button
          key={emoji}
          type="button"
          className="reaction"
          aria-pressed={isMine}
          aria-label={texts.reactionOf(emoji, accounts.length)}
          onClick={() => deeds.react(row, emoji)}
          onContextMenu={(event) => {
            event.preventDefault()
            event.stopPropagation()
            deeds.reactors(row, emoji)
          }}
          data-testid="reaction"
          data-emoji={emoji}
        >
          <span aria-hidden="true">{emoji}</span>
          <b aria-hidden="true">{accounts.length.toLocaleString(language)}</b>
        </button>
      ))}
      {rest > 0 && (
        <button type="button" className="reaction" aria-label={texts.more} onClick={() => deeds.reactors(row, shown[0]?.emoji ?? '')}>
          <b>+{rest}</b>
        </button>
      )}
      <button
        type="button"
        className="reaction reaction-add"
        aria-label={texts.moreEmoji}
        onClick={(event) => deeds.act('react', row, placeBelow(event.currentTarget))}
        data-testid="add-reaction"
      >
        <SmileIcon size={16} />
      </button>
    </div>
  )
}
