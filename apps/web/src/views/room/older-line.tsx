import type { Room } from '@bongsu/client'
import { useTexts } from '../../adapters/settings-store.ts'
import { isolated } from '../../text/isolated.ts'
import type { OlderState } from './use-older.ts'

interface OlderLineProps {
  readonly state: OlderState
  readonly room: Room
  readonly title: string | null
  readonly onRetry: () => void
}

/** The line above the oldest entry: more is loading, loading failed, or this is the beginning [D4]. */
export function OlderLine({ state, room, title, onRetry }: OlderLineProps) {
  const texts = useTexts()
  const { kind } = room.meta
  // What was said before one came, or came back, is not for them [W4].
  const isWhole = room.membership.joinedSeq <= 1
  const beginning =
    !isWhole && kind === 'group'
      ? texts.beginningJoined
      : kind === 'self'
        ? texts.beginningSelf
        : kind === 'direct' && title
          ? texts.beginningDirect(isolated(title))
          : texts.beginning
  return (
    <div className={`older-line older-${state}`} data-testid="older-line" data-state={state}>
      {state === 'loading' && <span role="status">{texts.olderLoading}</span>}
      {state === 'beginning' && <span>{beginning}</span>}
      {state === 'failed' && (
        <>
          <span role="status">{texts.olderFailed}</span>
          <button type="button" className="text-button" onClick={onRetry} data-testid="retry-older">
            {texts.retry}
          </button>
        </>
      )}
    </div>
  )
}
