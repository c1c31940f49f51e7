import { useEffect, useRef } from 'react'
import type { RefusalCode } from '@bongsu/protocol'
import { useApp, useView } from '../app-context.ts'
import { draftOf, putDraft } from '../adapters/drafts.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { toast } from '../parts/toast.tsx'

<<<<<<< HEAD
/** Shows refused acts, wherever the person is by then. The text of a refused edit comes back as a draft. */
=======
/** Tells plainly what the server refused to do, wherever the person is by then. The text of a refused edit comes back as a draft,
 * unless the message was erased. */
>>>>>>> main
export function useRefusedActs(): void {
  const texts = useTexts()
  const { device } = useApp()
  const { acts, restored } = useView()
  const told = useRef(new Set<string>())
  useEffect(() => {
    for (const { id, conversationId, act, refused } of acts) {
      if (refused === null || told.current.has(id)) continue
      told.current.add(id)
      toast(texts.actRefused(refused in texts.refusals ? texts.refusals[refused as RefusalCode] : texts.refusals.forbidden))
<<<<<<< HEAD
      if (act.kind === 'edit' && draftOf(conversationId) === '') putDraft(conversationId, act.value.text)
      // An act that cannot be removed now is shown again after the next start.
=======
      // Without a restore, a subject that is gone was erased by the same person, and its text is not brought back [I6].
      const isErased = refused === 'subject-gone' && restored === null
      if (act.kind === 'edit' && !isErased && draftOf(conversationId) === '') putDraft(conversationId, act.value.text)
      // Where it cannot be removed now, it is told again by the next start.
>>>>>>> main
      device.discard(id).catch(() => undefined)
    }
  }, [acts, restored, device, texts])
}
