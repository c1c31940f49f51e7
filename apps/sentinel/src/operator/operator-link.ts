import { openOperatorStore, type OperatorStore } from './operator-store.ts'
import { isUsableName } from './sign-in.ts'

/** In the sentinel's folder. */
export const OPERATORS_FILE = 'operators.db'

export interface LinkWish {
  /** The file of the operators. */
  readonly file: string
  readonly serviceUrl: string
  /** A new operator, or one who lost the password. Null: the person who opens the link chooses an unused name. */
  readonly name: string | null
  readonly now: number
}

/** `npx bongsu incident operator [NAME]`: a link that sets a password, valid once and for a day. @returns null when the name cannot be used. */
export function makeOperatorLink({ file, serviceUrl, name, now }: LinkWish): string | null {
  if (name !== null && !isUsableName(name)) return null
  const store = openOperatorStore(file, now)
  try {
    return linkOf(store, serviceUrl, name, now)
  } finally {
    store.close()
  }
}

/** For the first start: the link that creates the first operator, or null when there is one. */
export function firstOperatorLink(store: OperatorStore, serviceUrl: string, now: number): string | null {
  return store.anybody() ? null : linkOf(store, serviceUrl, null, now)
}

function linkOf(store: OperatorStore, serviceUrl: string, name: string | null, now: number): string {
  return `${serviceUrl}/operator/set-up?link=${store.makeLink(name, now)}`
}
