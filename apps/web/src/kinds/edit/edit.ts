import type { MarkLook } from '../mark-look.ts'

export const edit: MarkLook = { label: { ko: '수정됨', en: 'Edited' }, toggle: null }
