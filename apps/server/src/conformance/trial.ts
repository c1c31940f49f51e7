import type { Ability, PromiseId } from './abilities.ts'
import type { Stage } from './stage.ts'

/** One kind of trouble, and what a client must keep in it. */
export interface Trial {
  readonly name: string
  readonly about: string
  readonly promises: readonly PromiseId[]
  /** Left out for a client that does not claim this. */
  readonly needs?: Ability
  /** Before the client is opened for the first time. */
  prepare?(stage: Stage): Promise<void>
  run(stage: Stage): Promise<void>
}
