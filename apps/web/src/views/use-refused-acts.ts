import { useEffect, useRef } from 'react'
import type { RefusalCode } from '@bongsu/protocol'
import { useApp, useView } from '../app-context.ts'
import { draftOf, putDraft } from '../adapters/drafts.ts'
import { useTexts } from '../adapters/settings-store.ts'
import { toast } from '../parts/toast.tsx'

/** Shows refused acts, wherever the person is by then. The text of a refused edit comes back as a draft. */
export function useRefusedActs(): void {
  const texts = useTexts()
  const { device } = useApp()
  const { acts } = useView()
  const told = useRef(new Set<string>())
  useEffect(() => {
    for (const { id, conversationId, act, refused } of acts) {
      if (refused === null || told.current.has(id)) continue
      told.current.add(id)
      toast(texts.actRefused(refused in texts.refusals ? texts.refusals[refused as RefusalCode] : texts.refusals.forbidden))
      if (act.kind === 'edit' && draftOf(conversationId) === '') putDraft(conversationId, act.value.text)
      // An act that cannot be removed now is shown again after the next start.
      device.discard(id).catch(() => undefined)
    }
  }, [acts, device, texts])
}
