import { openOperatorStore, type OperatorStore } from './operator-store.ts'
import { isUsableName } from './sign-in.ts'

/** In the sentinel's folder. */
export const OPERATORS_FILE = 'operators.db'

export interface LinkWish {
  /** The file of the operators. */
  readonly file: string
  readonly serviceUrl: string
  /** For whom: a new operator, or one who lost the password. Null: whoever opens it chooses a name that is not taken. */
  readonly name: string | null
  readonly now: number
}

/** `npx bongsu incident operator [NAME]`: a link, good once and for a day, that sets a password. @returns null when the name cannot be used. */
export function makeOperatorLink({ file, serviceUrl, name, now }: LinkWish): string | null {
  if (name !== null && !isUsableName(name)) return null
  const store = openOperatorStore(file, now)
  try {
    return linkOf(store, serviceUrl, name, now)
  } finally {
    store.close()
  }
}

/** For the first start: the link that makes the first operator, or null when there is one. */
export function firstOperatorLink(store: OperatorStore, serviceUrl: string, now: number): string | null {
  return store.anybody() ? null : linkOf(store, serviceUrl, null, now)
}

function linkOf(store: OperatorStore, serviceUrl: string, name: string | null, now: number): string {
  return `${serviceUrl}/operator/set-up?link=${store.makeLink(name, now)}`
}
