import { PUBLISHED } from '../described.ts'
import { LIMITS } from '../limits.ts'
import { EVERYWHERE, fields, kindNamed, type EntryKind } from './kind.ts'

export interface PlaceBody {
  readonly kind: 'place'
  /** Latitude and longitude in degrees (WGS 84), with five decimals each, about a metre: `37.56650,126.97800`. */
  readonly geo: string
  /** Precision in metres, as far as the device knows. */
  readonly withinM: number
}

const GEO = '^-?[0-9]{1,2}\\.[0-9]{5},-?[0-9]{1,3}\\.[0-9]{5}$'

/** The same, with at most 90 and 180 degrees. */
const ON_EARTH = '^-?(?:90\\.0{5}|[0-8]?[0-9]\\.[0-9]{5}),-?(?:180\\.0{5}|(?:1[0-7][0-9]|0?[0-9]{1,2})\\.[0-9]{5})$'

/** A member states where they are. */
export const place: EntryKind<PlaceBody> = {
  class: 'said',
  in: EVERYWHERE,
  by: 'member',
  right: 'post',
  counts: true,
  putsBack: true,
  schema: fields({
    kind: kindNamed('place'),
    geo: {
      type: 'string',
      pattern: GEO,
      [PUBLISHED]: { pattern: ON_EARTH },
      description: 'Latitude and longitude in degrees (WGS 84), with five decimals each: `37.56650,126.97800`.',
    },
    withinM: { type: 'integer', minimum: 0, maximum: LIMITS.placeWithinMMax, description: 'Precision in metres, as far as the device knows.' },
  }),
  plainLine: ({ geo }) => `위치: ${geo} (Location)`,
  fault({ geo }) {
    const [latitude = Number.NaN, longitude = Number.NaN] = geo.split(',').map(Number)
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? null : 'body-invalid'
  },
  canonical: ({ geo, withinM }) => `{"kind":"place","geo":"${geo}","withinM":${withinM}}`,
}
