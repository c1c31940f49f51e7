import { namesLine } from '../text/people-names.ts'
import { textsOf } from '../text/languages.ts'
import type { Told } from './look.ts'

/** The name of a person in a sentence. */
export function personTold(accountId: string, { language, nameOf }: Told): string {
  return nameOf(accountId) ?? textsOf(language).unknownPerson
}

/** Names of people in a sentence, and the number of the others. */
export function peopleTold(accounts: readonly string[], told: Told): string {
  return namesLine(
    textsOf(told.language),
    accounts.map((accountId) => personTold(accountId, told)),
  )
}
