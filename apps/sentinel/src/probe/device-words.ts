import { LIMITS } from '@bongsu/protocol'
import type { Clock } from '../clock.ts'
import type { DevicesSample } from '../vocabulary/observation.ts'

export const DEVICE_WORDS_BOUNDS = {
  /** How long the word of a device holds: until it must have asked again, and the time of a slow request. */
  liveMs: LIMITS.statusCalmMsMax + 10_000,
  notLiveMs: LIMITS.statusConcernedMsMax + 10_000,
  /** Time between two samples. */
  everyMs: 5_000,
  /** Most devices counted of one address; with IPv6, of its first 64 bits. An office or a mobile network may have one for many people. */
  perAddressMax: 20,
  /** Most devices counted of one site: the first 48 bits of an IPv6 address, which a customer of a hoster often has alone. */
  perSiteMax: 100,
  /** Most devices counted. A further one takes the place of one by chance, so nobody can shut the others out by being first. */
  devicesMax: 20_000,
} as const

interface Word {
  readonly live: boolean
  readonly saidAt: number
  readonly address: string
  /** Place among the ids. */
  place: number
}

/** The first 48 bits of a visitor's IPv6 address; an IPv4 address is its own site. */
const siteOf = (address: string): string => address.split(':').slice(0, 3).join(':')

/**
 * Counts what devices say directly when they ask for `status.json`: whether their connection to the messenger is live [F7]. Nobody proves who they
 * are, so one address has little weight. Ids and addresses are kept in memory only, for as long as a word holds.
 *
 * @param told receives a sample every 5 s, unless nobody has said anything. @param random uniform in [0, 1).
 */
export function createDeviceWords(options: { readonly clock: Clock; readonly random: () => number; readonly told: (sample: DevicesSample) => void }) {
  const { clock, random, told } = options
  /** By id. */
  const words = new Map<string, Word>()
  /** All ids in no order, to choose one by chance without going through all. */
  const ids: string[] = []
  const devicesAt = new Map<string, number>()
  const devicesIn = new Map<string, number>()

  function count(address: string, change: 1 | -1): void {
    add(devicesAt, address, change)
    add(devicesIn, siteOf(address), change)
  }

  function forget(id: string): void {
    const word = words.get(id)
    const last = ids.pop()
    if (word === undefined || last === undefined) return
    words.delete(id)
    count(word.address, -1)
    const moved = words.get(last)
    if (moved === undefined) return
    ids[word.place] = last
    moved.place = word.place
  }

  /** Old words are forgotten here and not in `hear`: their number must not make a request dearer. */
  function tell(): void {
    let live = 0
    let liveLately = 0
    for (const [id, word] of words) {
      const ageMs = clock.monotonic() - word.saidAt
      if (ageMs >= (word.live ? DEVICE_WORDS_BOUNDS.liveMs : DEVICE_WORDS_BOUNDS.notLiveMs)) forget(id)
      else if (word.live) {
        live++
        if (ageMs < DEVICE_WORDS_BOUNDS.notLiveMs) liveLately++
      }
    }
    if (words.size > 0) told({ at: clock.now(), live, liveLately, notLive: words.size - live })
  }

  return {
    /** @param query of the request, without its question mark. Anything but a word is ignored. @param address of the visitor, as `visitorOf` gives it. */
    hear(query: string, address: string): void {
      const [, live, id] = /^live=([01])&device=([0-9a-f-]{36})$/.exec(query) ?? []
      if (id === undefined) return
      // An id keeps its first address, so that a change of network does not free a place.
      const before = words.get(id)
      if (before === undefined) {
        const { perAddressMax, perSiteMax, devicesMax } = DEVICE_WORDS_BOUNDS
        if ((devicesAt.get(address) ?? 0) >= perAddressMax || (devicesIn.get(siteOf(address)) ?? 0) >= perSiteMax) return
        const replaced = words.size >= devicesMax ? ids[Math.floor(random() * ids.length)] : undefined
        if (replaced !== undefined) forget(replaced)
        count(address, 1)
        ids.push(id)
      }
      const { address: from, place } = before ?? { address, place: ids.length - 1 }
      words.set(id, { live: live === '1', saidAt: clock.monotonic(), address: from, place })
    },
    stop: clock.every(DEVICE_WORDS_BOUNDS.everyMs, tell),
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + change
  if (next === 0) counts.delete(key)
  else counts.set(key, next)
}
