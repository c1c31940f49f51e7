import { useTexts } from '../../../adapters/settings-store.ts'
import { Face } from '../../../parts/face.tsx'
import { FriendsIcon } from '../../../parts/icons.tsx'
import type { Candidate } from './mentions.ts'

interface MentionListProps {
  readonly id: string
  readonly shown: readonly Candidate[]
  readonly active: number
  readonly memberCount: number
  readonly onChoose: (candidate: Candidate) => void
}

/** The list above the field while an @ name is typed. The focus stays in the field. */
export function MentionList({ id, shown, active, memberCount, onChoose }: MentionListProps) {
  const texts = useTexts()
  return (
    <div className="mention-list" id={id} role="listbox" aria-label={texts.mentionList} data-testid="mention-list">
      {shown.map((candidate, index) => (
        <button
          key={candidate.who}
          id={`${id}-${index}`}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className="mention-option"
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(candidate)}
          data-testid="mention-option"
        >
          {candidate.who === 'everyone' ? (
            <span className="face face-s face-everyone" aria-hidden="true">
              <FriendsIcon size={20} />
            </span>
          ) : (
            <Face id={candidate.who} name={candidate.name} size="s" />
          )}
          <span>
            {candidate.name}
            {candidate.who === 'everyone' && <small>{texts.everyoneAbout(memberCount)}</small>}
          </span>
        </button>
      ))}
    </div>
  )
}
