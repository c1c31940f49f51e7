import { readKept, writeKept } from './kept-items.ts'

/** Requests that make something. One of each can be without an answer. */
const NAMES = ['sign-up', 'group', 'invite'] as const
type WishName = (typeof NAMES)[number]

interface Wish {
  /** The content of the request. */
  readonly what: string
  readonly id: string
  /** Epoch ms, by the device's clock. */
  readonly at: number
}

/** The same request after this time is another wish. */
const wishMs = 86_400_000

const keyOf = (name: WishName): string => `bongsu.wish.${name}`

/**
 * The id of a request that makes something [C7]. It stays the same until the server has answered, also after a reload, so that the same request
 * pressed again makes nothing twice. Another request of this name gets another id.
 */
export function wishId<Id extends string>(name: WishName, what: string, make: () => Id): Id {
  const kept = readWish(name)
  if (kept?.what === what) return kept.id as Id
  const id = make()
  writeKept(keyOf(name), JSON.stringify({ what, id, at: Date.now() } satisfies Wish))
  return id
}

/** The id of a request without an answer; null when there is none. */
export function unansweredId(name: WishName): string | null {
  return readWish(name)?.id ?? null
}

export function answered(name: WishName): void {
  writeKept(keyOf(name), null)
}

/** Signing out deletes them. */
export function forgetWishes(): void {
  for (const name of NAMES) answered(name)
}

function readWish(name: WishName): Wish | null {
  try {
    const wish = JSON.parse(readKept(keyOf(name)) ?? 'null') as Partial<Wish> | null
    if (typeof wish?.what !== 'string' || typeof wish.id !== 'string' || typeof wish.at !== 'number') return null
    return Math.abs(Date.now() - wish.at) < wishMs ? { what: wish.what, id: wish.id, at: wish.at } : null
  } catch {
    return null
  }
}
