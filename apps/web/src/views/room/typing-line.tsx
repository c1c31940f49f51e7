import type { ConversationId } from '@bongsu/protocol'
import { useApp, useNames, useView } from '../../app-context.ts'
import { useTexts } from '../../adapters/settings-store.ts'

/** Who is typing. The line lies over the space below the newest message, so that nothing jumps. */
export function TypingLine({ conversationId }: { readonly conversationId: ConversationId }) {
  const texts = useTexts()
  const { accountId: me } = useApp()
  const { typing } = useView()
  const nameOf = useNames()
  const writers = (typing.get(conversationId) ?? []).filter((accountId) => accountId !== me)
  const [first] = writers
  return (
    <div className="typing-line" data-testid="typing">
      {first !== undefined && (
        <p>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {writers.length === 1
            ? texts.typingOne(nameOf(first) ?? texts.unknownPerson)
            : texts.typingMany(nameOf(first) ?? texts.unknownPerson, writers.length - 1)}
        </p>
      )}
    </div>
  )
}
