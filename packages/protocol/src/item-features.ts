import type { AccountItem } from './account.ts'
import type { Feature } from './version.ts'

/** Items of an account log that a device gets only when it has named this feature [W3]. */
export const FEATURE_OF_ITEM: Partial<Readonly<Record<AccountItem['kind'], Feature>>> = {
  hidden: 'items',
  block: 'block',
  added: 'added',
  aside: 'aside',
  notice: 'staff',
  request: 'requests',
  reach: 'requests',
}
