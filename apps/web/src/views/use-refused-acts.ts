import { useEffect, useRef } from 'react'
import { roomTitle } from '@bongsu/client'
import type { RefusalCode } from '@bongsu/protocol'
import { useApp, useView } from '../app-context.ts'
import { returnToDraft } from '../adapters/drafts.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { toast } from '../parts/toast.tsx'
import { isolated } from '../text/isolated.ts'

/** Shows refused acts, wherever the person is by then. The text of a refused edit comes back as a draft, unless the message was erased. */
export function useRefusedActs(): void {
  const texts = useTexts()
  const { device } = useApp()
  const { acts, restored, replica } = useView()
  const told = useRef(new Set<string>())
  useEffect(() => {
    for (const { id, conversationId, act, refused } of acts) {
      if (refused === null || told.current.has(id)) continue
      told.current.add(id)
      // Without a restore, the same person erased the missing subject, and its text is not brought back [I6].
      const isErased = refused === 'subject-gone' && restored === null
      const why = refused in texts.refusals ? texts.refusals[refused as RefusalCode] : texts.refusals.forbidden
      if (act.kind === 'edit' && !isErased) {
        const room = replica.rooms.get(conversationId)
        returnToDraft(conversationId, act.value.text)
        toast(texts.keptAsDraft(isolated((room === undefined ? null : roomTitle(room, replica)) ?? texts.notes), why)) // [C11]
      } else toast(texts.actRefused(why))
      // An act that cannot be removed now is shown again after the next start.
      device.discard(id).catch(() => undefined)
    }
  }, [acts, restored, replica, device, texts])
}
