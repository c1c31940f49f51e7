import { useLanguage } from '../../adapters/settings-store.ts'
import { TrashIcon } from '../../parts/icons.tsx'
import { erasedTexts } from './erased.ts'

export function ErasedBody() {
  return (
    <div className="bubble bubble-erased">
      <TrashIcon size={16} />
      {erasedTexts[useLanguage()].erased}
    </div>
  )
}
