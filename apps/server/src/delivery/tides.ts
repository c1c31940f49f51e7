import { createHmac, timingSafeEqual } from 'node:crypto'
import type { HistoryStore, Start } from './history-store.ts'

/** Starts named in a lineage, the newest first. */
export const LINEAGE_STARTS = 16
/** Characters of base64url in a signature: 12 bytes. */
const MAC_CHARS = 16

/** What a device has been told, and sends back in `hello`: the lineage of its welcome, and the last tide. */
export type Told = readonly [lineage: string, tide: string]

/** Proof that the store once had more than it has now. */
export interface LostFuture {
  /** The last start that both histories have; null when nobody knows. */
  readonly lastCommonStart: number | null
}

/**
 * Signed statements of how far the history has come. A device keeps the last one it was sent. A statement beyond the store proves that the store has gone
 * back to an older state [A7]. Only the server can make one, so nobody can force a new epoch.
 */
export interface Tides {
  /** The newest starts of this history. */
  readonly lineage: () => string | undefined
  /** How far it is durable. Made once for each transaction that is told. */
  readonly tide: () => string | undefined
  readonly lostFuture: (told: Told) => LostFuture | null
}

export type Tide = Tides['tide']

/** The field of a frame. */
export function tideIn(tide: Tide): { readonly tide?: string } {
  const said = tide()
  return said === undefined ? {} : { tide: said }
}

/** The same text, no longer joined of parts: JSON.stringify takes twice as long for a frame with such a string. */
const inOnePiece = (text: string): string => Buffer.from(text).toString('latin1')

/** @param key secret of this server, kept with the data. */
export function createTides(key: Uint8Array, store: Pick<HistoryStore, 'epoch' | 'starts' | 'current'>): Tides {
  const own = createHmac('sha256', key).update('bongsu tide').digest()
  let said: { readonly epoch: string; readonly newest: Start | null; readonly tide: string } = { epoch: '', newest: null, tide: '' }
  const macOf = (text: string): string =>
    // A digest as a string costs a third less than one as bytes, and each transaction pays for one.
    createHmac('sha256', own).update(`${store.epoch} ${text}`).digest('base64url').slice(0, MAC_CHARS)
  const signed = (text: string): string => `${text}.${macOf(text)}`

  /** The signed text; null when this server has not signed it in this epoch. */
  function textOf(statement: string): string | null {
    const end = statement.lastIndexOf('.')
    const [text, mac] = [statement.slice(0, Math.max(0, end)), Buffer.from(statement.slice(end + 1))]
    const expected = Buffer.from(macOf(text))
    return mac.length === expected.length && timingSafeEqual(mac, expected) ? text : null
  }

  /** The last start of a lineage that the store has too. */
  function lastCommonStart(lineage: string, known: readonly Start[]): number | null {
    const [newest = '', ...ids] = (textOf(lineage) ?? '').split('.')
    const index = ids.findIndex((id, place) => known.some(({ start, id: name }) => start === Number(newest) - place && name === id))
    return index === -1 ? null : Number(newest) - index
  }

  return {
    lineage() {
      const starts = store.starts().slice(0, LINEAGE_STARTS)
      return starts[0] === undefined ? undefined : signed([starts[0].start, ...starts.map(({ id }) => id)].join('.'))
    },

    tide() {
      const newest = store.current()
      if (newest === undefined) return undefined
      if (said.newest !== newest || said.epoch !== store.epoch) {
        const tide = inOnePiece(signed(`${newest.start}.${newest.id}.${newest.written}`))
        said = { epoch: store.epoch, newest, tide }
      }
      return said.tide
    },

    lostFuture([lineage, tide]) {
      const [start, id, written] = tide.split('.')
      const known = store.starts()
      const mine = known.find((one) => one.start === Number(start))
      const shared = mine !== undefined && mine.id === id ? mine : null
      // Nearly every device: nothing is claimed that this store does not have, and nothing has to be checked.
      if (shared !== null && Number(written) <= shared.written) return null
      // So old that the store has forgotten its starts of that time.
      if (Number(start) < (known.at(-1)?.start ?? 0)) return null
      if (textOf(tide) === null) return null
      return { lastCommonStart: shared?.start ?? lastCommonStart(lineage, known) }
    },
  }
}
