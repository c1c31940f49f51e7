import { LIMITS } from '../limits.ts'
import { EVERYWHERE, fields, type EntryKind } from './kind.ts'

export interface PlaceBody {
  readonly kind: 'place'
  /** Latitude and longitude in degrees (WGS 84), with five decimals each, about a metre: `37.56650,126.97800`. */
  readonly geo: string
  /** Precision in metres, as far as the device knows. */
  readonly withinM: number
}

const GEO = '^-?[0-9]{1,2}\\.[0-9]{5},-?[0-9]{1,3}\\.[0-9]{5}$'

/** A member states where they are. */
export const place: EntryKind<PlaceBody> = {
  class: 'said',
  in: EVERYWHERE,
  by: 'member',
  counts: true,
  putsBack: true,
  schema: fields({
    kind: { const: 'place' },
    geo: { type: 'string', pattern: GEO },
    withinM: { type: 'integer', minimum: 0, maximum: LIMITS.placeWithinMMax },
  }),
  plainLine: ({ geo }) => `위치: ${geo} (Location)`,
  fault({ geo }) {
    const [latitude = Number.NaN, longitude = Number.NaN] = geo.split(',').map(Number)
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? null : 'body-invalid'
  },
  canonical: ({ geo, withinM }) => `{"kind":"place","geo":"${geo}","withinM":${withinM}}`,
}
