import { useState } from 'react'
import type { Room } from '@bongsu/client'
import { VList } from 'virtua'
import { useApp, useNames, useView } from '../../../app-context.ts'
import { useTexts } from '../../../adapters/settings-store.ts'
import { Sheet } from '../../../parts/dialog.tsx'
import { Face } from '../../../parts/face.tsx'
import { marksAt } from '../marks.ts'
import type { Target } from '../target.ts'
import './message-menu.css'

interface ReactorsProps {
  readonly room: Room
  readonly target: Target
  /** The emoji shown first; '' for all. */
  readonly first: string
  readonly onClose: () => void
}

/** Who reacted, and with which emoji. */
export function Reactors({ room, target, first, onClose }: ReactorsProps) {
  const texts = useTexts()
  const { accountId: me } = useApp()
  const { replica } = useView()
  const nameOf = useNames()
  const [chosen, setChosen] = useState(first)
  const { reactions } = marksAt(room, target.seq, me, replica.blocked)
  const all = reactions.flatMap(({ emoji, accounts }) => accounts.map((accountId) => ({ accountId, emoji })))
  const shown = reactions.some(({ emoji }) => emoji === chosen) ? all.filter(({ emoji }) => emoji === chosen) : all

  return (
    <Sheet title={texts.reactors(all.length)} onClose={onClose} testId="reactors">
      <div className="reactor-tabs" role="group" aria-label={texts.react}>
        <button type="button" className="reaction" aria-pressed={shown === all} onClick={() => setChosen('')}>
          {texts.reactorsAll} <b>{all.length}</b>
        </button>
        {reactions.map(({ emoji, accounts }) => (
          <button
            key={emoji}
            type="button"
            className="reaction"
            aria-pressed={shown !== all && emoji === chosen}
            aria-label={texts.reactionOf(emoji, accounts.length)}
            onClick={() => setChosen(emoji)}
          >
            <span aria-hidden="true">{emoji}</span> <b aria-hidden="true">{accounts.length}</b>
          </button>
        ))}
      </div>
      <VList className="reactor-list" role="list">
        {shown.map(({ accountId, emoji }) => (
          <div role="listitem" key={accountId} className="row row-person" data-testid="reactor">
            <Face id={accountId} name={nameOf(accountId)} size="s" />
            <span className="row-text">
              <span className="row-name">{nameOf(accountId) ?? texts.unknownPerson}</span>
            </span>
            {accountId === me && <span className="tag">{texts.me}</span>}
            <span className="reactor-emoji">{emoji}</span>
          </div>
        ))}
      </VList>
    </Sheet>
  )
}
