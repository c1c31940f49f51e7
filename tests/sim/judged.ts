/** What the judges look at. A promise whose evidence never comes up would be kept by any product, so each is counted and must come up often enough. */
export const JUDGED_KINDS = [
  'entry: accepted, then looked for everywhere',
  'entry: refused for good, and in no log',
  'entry: left the outbox, and on the screen',
  'resume: continued from a cursor',
  'resume: continued by another process',
  'resume: a conversation sent anew',
  'resume: held against what was durable at its hello',
  'live device: held against what was durable a heartbeat ago',
  'last entry: missed, then looked for',
  'history: page of older entries',
  'group: who owns it',
  'view: compared with a fresh device',
  'mark: risen, and no further than the head',
  'badge: above 0',
  'number: above 0',
  'audit: answered',
  'bad frame: refused',
  'send: accepted under overload',
  'act: accepted',
  'act: refused for good',
  'items: sent as they changed',
  'items: with the entries of a reset',
  'items: on a screen, compared with the store',
  'erased: content looked for on a device',
  'restore: mark that a device must put back',
  'restore: text that a device must put back',
  'restore: order of what one device puts back',
  'restore: old order of several authors',
  'epoch: begun by proof of a lost future',
  'slow reader: cut',
  'turn: told to come later, and came',
  'front: live again in time',
] as const
export type JudgedKind = (typeof JUDGED_KINDS)[number]

export type JudgedCounts = Readonly<Record<JudgedKind, number>>

/** Counts what was judged. */
export class Judged {
  readonly counts: Record<JudgedKind, number>

  constructor() {
    this.counts = Object.fromEntries(JUDGED_KINDS.map((kind) => [kind, 0])) as Record<JudgedKind, number>
  }

  add(kind: JudgedKind, times = 1): void {
    this.counts[kind] += times
  }
}
