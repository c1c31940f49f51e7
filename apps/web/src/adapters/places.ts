// Where the reader was in each room, for this tab. The tab's storage survives a reload and a tab that a phone has thrown away.

const key = 'bongsu.places'
/** Most rooms with a stored place. The places set longest ago are dropped. */
export const placesMax = 100

/** Places are stored together after this time, or when the page goes. */
const storeMs = 1_000

/** An entry at the upper edge of the view. */
export interface ReadingPlace {
  readonly seq: number
  /** How far the top of the entry is above the edge, in CSS pixels. */
  readonly abovePx: number
}

/** In memory as well: a storage that is full or switched off costs only the reload. */
let storing: ReturnType<typeof setTimeout> | undefined
let places: ReadonlyMap<string, ReadingPlace> = readAll()

function readAll(): ReadonlyMap<string, ReadingPlace> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]')
    return new Map(Array.isArray(stored) ? stored.filter(isStored).map(([room, seq, abovePx]) => [room, { seq, abovePx }]) : [])
  } catch {
    return new Map()
  }
}

function isStored(value: unknown): value is readonly [string, number, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && Number.isFinite(value[1]) && Number.isFinite(value[2])
}

/** Null: the reader left the room at its end. */
export function placeIn(conversationId: string): ReadingPlace | null {
  return places.get(conversationId) ?? null
}

export function putPlace(conversationId: string, place: ReadingPlace | null): void {
  const next = new Map(places)
  if (!next.delete(conversationId) && place === null) return
  if (place !== null) next.set(conversationId, place)
  places = new Map([...next].slice(-placesMax))
  // Not with every step of a scroll.
  storing ??= setTimeout(store, storeMs)
}

function store(): void {
  clearTimeout(storing)
  storing = undefined
  try {
    sessionStorage.setItem(key, JSON.stringify([...places].map(([room, { seq, abovePx }]) => [room, seq, Math.round(abovePx)])))
  } catch {
    return
  }
}

addEventListener('pagehide', store)

export function forgetPlaces(): void {
  clearTimeout(storing)
  storing = undefined
  places = new Map()
  try {
    sessionStorage.removeItem(key)
  } catch {
    return
  }
}
