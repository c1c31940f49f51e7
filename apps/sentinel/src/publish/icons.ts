import type { Condition } from '../vocabulary/incident.ts'

// Signs differ in shape, so that colour is never the only carrier of meaning. All are decoration beside words and hidden from screen readers.

function sign(shape: string): string {
  return `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${shape}</svg>`
}

const CHECK = sign('<circle cx="12" cy="12" r="10"/><path class="cut" d="M7.5 12.4l3.1 3.1 6-6.4"/>')
const SLOW = sign('<path d="M12 2.6L22.4 21H1.6z"/><path class="cut" d="M12 9.6v5M12 17.6v.6"/>')
const CROSS = sign('<path d="M7.9 2h8.2L22 7.900v8.200L16.100 22H7.900L2 16.100V7.900z"/><path class="cut" d="M8.500 8.500l7 7M15.500 8.500l-7 7"/>')
const WORK = sign('<rect x="2" y="2" width="20" height="20" rx="5"/><path class="cut" d="M7 9h10M7 15h10M10 6.800v4.400M14 12.800v4.400"/>')
const QUESTION = sign(
  '<circle class="ring" cx="12" cy="12" r="9.500"/><path class="line" d="M9.300 9.400a2.800 2.800 0 1 1 4.300 2.400c-1 .700-1.600 1.200-1.600 2.300M12 17.200v.500"/>',
)

export const CONDITION_SIGNS: Readonly<Record<Condition, string>> = {
  operational: CHECK,
  degraded_performance: SLOW,
  partial_outage: CROSS,
  major_outage: CROSS,
  under_maintenance: WORK,
  unknown: QUESTION,
}

const BEACON =
  '<path class="flame" d="M7 .8c.5 2.300 3.200 3.300 3.200 5.700C10.200 8.400 8.800 9.600 7 9.600S3.800 8.400 3.800 6.500c0-1.300.8-2 1.300-3.100.3.7.6 1.100 1.100 1.300C6.200 3.300 6.500 2 7 .8z"/><path d="M3 21.500l1.200-10.300h5.600L11 21.500z"/>'

/** Five beacons, some of them lit. They stand beside a word that says the same. */
export function beacons(lit: number): string {
  const each = [1, 2, 3, 4, 5].map((place) => `<svg${place <= lit ? ' class="lit"' : ''} viewBox="0 0 14 22" focusable="false">${BEACON}</svg>`)
  return `<span class="beacons" aria-hidden="true">${each.join('')}</span>`
}

/** The beacon logo, in the colours of the page. */
export const MARK =
  '<svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><path d="M17 57l4-23h22l4 23z"/>' +
  '<path d="M18.500 34h27v-6h-5v3h-4.500v-3h-8v3h-4.500v-3h-5z"/><path class="flame" d="M32 4c1.600 6.200 9 9 9 15.600C41 24.500 37 28 32 28s-9-3.500-9-8.400' +
  'c0-3.600 2.300-5.700 3.600-8.600.800 2 1.700 3 3 3.700C29.200 11 30.300 7.200 32 4z"/></svg>'
