/**
 * What a client may claim to be able to do, and the promises of SPEC.md that each ability stands for. A client claims abilities in its answer to
 * `open`. The promises of `always` are claimed by every client.
 */
export const ABILITIES = {
  always: ['M2', 'M4', 'M6', 'D2', 'D4', 'D5', 'D6', 'D7', 'C2', 'C3', 'C4', 'C15', 'O3', 'O8', 'W3'],
  /** Keeps unsent texts over the end of its process. */
  outbox: ['C1'],
  /** Sends its own texts again that a restore of the server has lost. */
  'put-back': ['A4'],
  /** Shows older entries when its person scrolls there. */
  history: ['D10'],
  /** Counts unread entries, and tells the server what was read. */
  reading: ['R1', 'R3'],
  /** Shows and sets reactions, edits and erasures. */
  marks: ['I3', 'I6', 'I11'],
  /** Compares what it holds with the server. */
  audit: ['A1', 'A3'],
} as const satisfies Record<string, readonly string[]>

export type Ability = keyof typeof ABILITIES
/** The id of a promise that the kit can test. */
export type PromiseId = (typeof ABILITIES)[Ability][number]

export const PROMISE_IDS: readonly PromiseId[] = Object.values(ABILITIES).flat()

export function isAbility(name: string): name is Ability {
  return Object.hasOwn(ABILITIES, name)
}

/** The ability of which a promise is a part. */
export function abilityOf(id: PromiseId): Ability {
  return (Object.keys(ABILITIES) as Ability[]).find((name) => (ABILITIES[name] as readonly string[]).includes(id)) ?? 'always'
}
