import { TEXT } from './text.ts'

/** What stands at each place of a filled conversation, so that a page of it can be checked. */
export function storedText(seq: number): string {
  return `${TEXT} #${seq}`
}
