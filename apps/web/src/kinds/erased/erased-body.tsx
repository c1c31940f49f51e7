import type { EntryBody } from '@bongsu/protocol'
import { useLanguage } from '../../adapters/settings-store.ts'
import { TrashIcon } from '../../parts/icons.tsx'
import type { BodyProps } from '../body-props.ts'
import { erasedTexts, sentenceOf } from './erased.ts'

export function ErasedBody({ body }: BodyProps<Extract<EntryBody, { kind: 'erased' }>>) {
  return (
    <div className="bubble bubble-erased">
      <TrashIcon size={16} />
      {erasedTexts[useLanguage()][sentenceOf(body)]}
    </div>
  )
}
