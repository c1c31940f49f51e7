import type { MouseEvent } from 'react'
import type { Reactions as Reaction } from '@bongsu/client'
import { useTexts } from '../../adapters/settings-store.ts'
import { countLabel } from '../../text/count-label.ts'
import type { Deeds } from './deeds.ts'
import type { MessageRow } from './rows.ts'
import { placeBelow } from './target.ts'

/** Number of kinds shown under a message. A button shows the rest. */
const shownMax = 8

interface ReactionsProps {
  readonly reactions: readonly Reaction[]
  readonly row: MessageRow
  readonly deeds: Deeds
}

/** The most frequent kinds, in the order of their first use, so that a tap does not move the others. */
function mostOf(reactions: readonly Reaction[]): readonly Reaction[] {
  if (reactions.length <= shownMax) return reactions
  const least = reactions.map(({ accounts }) => accounts.length).toSorted((a, b) => b - a)[shownMax - 1] ?? 0
  return reactions.filter(({ accounts }) => accounts.length >= least).slice(0, shownMax)
}

/** The reactions under a bubble. One's own have a ring in the flame colour. One handler serves all of them, because a room may show hundreds. */
export function Reactions({ reactions, row, deeds }: ReactionsProps) {
  const texts = useTexts()
  const shown = mostOf(reactions)

  function onClick({ target }: MouseEvent): void {
    const button = (target as Element).closest('button')
    if (button === null) return
    const { emoji, rest } = button.dataset
    if (emoji !== undefined) deeds.react(row, emoji)
    else if (rest !== undefined) deeds.reactors(row, '')
    else deeds.act('react', row, placeBelow(button))
  }
  function onContextMenu(event: MouseEvent): void {
    event.preventDefault()
    event.stopPropagation()
    deeds.reactors(row, (event.target as Element).closest('button')?.dataset['emoji'] ?? '')
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the buttons inside have the focus and the keys
    <div className="reactions" role="group" aria-label={texts.react} onClick={onClick} onContextMenu={onContextMenu}>
      {shown.map(({ emoji, accounts, isMine }) => (
        <button key={emoji} type="button" className="reaction" aria-pressed={isMine} data-testid="reaction" data-emoji={emoji}>
          {emoji}
          <b>{countLabel(accounts.length)}</b>
        </button>
      ))}
      {reactions.length > shown.length && (
        <button type="button" className="reaction" aria-label={texts.more} data-rest>
          <b>+{reactions.length - shown.length}</b>
        </button>
      )}
      <button type="button" className="reaction reaction-add" aria-label={texts.moreEmoji} data-testid="add-reaction">
        +
      </button>
    </div>
  )
}
