import { fields, time, type MarkKind } from './kind.ts'

export interface DoneValue {
  /** Epoch ms, server clock. */
  readonly doneAt: number
}

type Nothing = Readonly<Record<string, never>>

/** The task in an entry is done. Any member may say so, and take it back. */
export const done: MarkKind<never, Nothing, DoneValue> = {
  class: 'mark',
  owner: 'conversation',
  each: 'entry',
  by: 'member',
  on: 'said',
  withinMs: null,
  removable: true,
  putsBack: true,
  differentMax: null,
  perAccountMax: null,
  final: false,
  askedSchema: fields({}),
  schema: fields({ doneAt: time('When the task was marked as done, by the server’s clock.') }),
  fault: () => null,
  stored: (_asked, now) => ({ doneAt: now }),
  asked: () => ({}),
}
