import type { Component } from '../../apps/sentinel/src/vocabulary/observation.ts'

/**
 * What happens in a world, and whose fault it is. Times are epoch ms. Troubles of the messenger:
 * - killed: nothing listens; connections are gone and refused. - hung: connections stay open, and nothing is answered.
 * - socket: only the message socket fails; web and sign-in work. - gone: no packet reaches the messenger (a machine without power).
 * - sign-in: a share of the sign-ins fails in front of the server. - web: a share of the page loads fails.
 * - cut: a share of the people loses its connection in one second, and cannot come back. - black-hole: the same without a packet about it.
 * - dropped: a share of the new connections is dropped, at random. - slow: everything takes `slowMs` more.
 *
 * Events that are no fault of the messenger:
 * - power: a whole office loses power in one second. - leave: everybody leaves within the span. - sleep: half of the phones fall asleep within it.
 * - killed-apps: `people` apps are killed one by one. - reset: `people` connections end in the same second without a farewell.
 * - way: one post has no route to the messenger. - offline: one post has no network. - clock: the clock of one post is wrong by `offMs`.
 * - blip: every try fails, for less than 6 s. - restart: a planned restart of the server. - asleep: the sentinel's machine sleeps.
 */
export type TroubleKind =
  | 'killed'
  | 'hung'
  | 'socket'
  | 'gone'
  | 'sign-in'
  | 'web'
  | 'cut'
  | 'black-hole'
  | 'dropped'
  | 'slow'
  | 'power'
  | 'leave'
  | 'sleep'
  | 'killed-apps'
  | 'reset'
  | 'way'
  | 'offline'
  | 'clock'
  | 'blip'
  | 'restart'
  | 'asleep'

export interface Trouble {
  readonly kind: TroubleKind
  readonly from: number
  readonly to: number
  /** Part of the people, sign-ins, page loads or connections; 1 when left out. */
  readonly share?: number
  readonly people?: number
  readonly slowMs?: number
  readonly offMs?: number
  /** Index of the post; 0, the sentinel's own, when left out. */
  readonly post?: number
}

/** What honest words about a trouble are. */
export interface Expected {
  /**
   * - affected: an incident with people who cannot. - silent: people who fell silent together. - slow: slowness, without a share.
   * - here: the place that watches cannot reach it; nobody is accused. - nothing: no incident at all.
   */
  readonly word: 'affected' | 'silent' | 'slow' | 'here' | 'nothing'
  readonly component: Component
}

export function expectedOf({ kind, share = 1 }: Trouble): Expected {
  switch (kind) {
    case 'killed':
    case 'hung':
    case 'socket':
      return { word: 'affected', component: 'messaging' }
    case 'gone':
      return { word: 'here', component: 'messaging' }
    case 'sign-in':
      return { word: 'affected', component: 'sign-in' }
    case 'web':
      return { word: 'affected', component: 'web' }
    case 'dropped':
      return { word: 'affected', component: 'messaging' }
    case 'cut':
    case 'black-hole':
      return { word: share > 0 ? 'silent' : 'nothing', component: 'messaging' }
    case 'power':
      return { word: 'silent', component: 'messaging' }
    case 'slow':
      return { word: 'slow', component: 'messaging' }
    case 'way':
      return { word: 'here', component: 'messaging' }
    default:
      return { word: 'nothing', component: 'messaging' }
  }
}

export function during({ from, to }: Trouble, at: number): boolean {
  return at >= from && at < to
}
