import { LIMITS } from '../limits.ts'
import { fields, type MarkKind } from './kind.ts'

type Nothing = Readonly<Record<string, never>>

/** An entry that an account has erased for itself: its devices do not show it. Others see it as before. */
export const hidden: MarkKind<never, Nothing, Nothing> = {
  class: 'mark',
  owner: 'account',
  each: 'entry',
  by: 'member',
  on: 'any',
  withinMs: null,
  removable: false,
  putsBack: true,
  differentMax: null,
  perAccountMax: LIMITS.hiddenPerAccountMax,
  final: false,
  askedSchema: fields({}),
  schema: fields({}),
  fault: () => null,
  stored: () => ({}),
  asked: () => ({}),
}
