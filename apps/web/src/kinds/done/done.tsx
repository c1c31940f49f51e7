import { CheckIcon } from '../../parts/icons.tsx'
import type { MarkLook } from '../mark-look.ts'

export const done: MarkLook = {
  label: { ko: '✓ 완료', en: '✓ Done' },
  toggle: {
    icon: <CheckIcon size={20} />,
    words: (isSet) => (isSet ? { ko: '완료 취소', en: 'Not done' } : { ko: '완료로 표시', en: 'Mark as done' }),
    act: (isSet) => ({ kind: 'done', value: isSet ? null : {} }),
  },
}
