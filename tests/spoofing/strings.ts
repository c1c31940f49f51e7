import { readFileSync } from 'node:fs'

/** Texts that try to look like something else, for each place where people write, and what becomes of them. */
export interface Strings {
  /** A message, and what is shown and what opens for each link in it [C12]. */
  readonly links: readonly (readonly [text: string, ...links: (readonly [shown: string, opens: string])[]])[]
  /** A display name, and the refusal of a member who asks for it [B30, W7]. */
  readonly names: readonly (readonly [name: string, refusal: string | null])[]
  /** The handle of an account, or none; a handle that somebody else asks for; and the refusal [B30, B31]. */
  readonly handles: readonly (readonly [existing: string | null, handle: string, refusal: string | null])[]
  /** A title of a group, and the refusal [B30, W7]. */
  readonly titles: readonly (readonly [title: string, refusal: string | null])[]
}

export const STRINGS = JSON.parse(readFileSync(new URL('strings.json', import.meta.url), 'utf8')) as Strings
