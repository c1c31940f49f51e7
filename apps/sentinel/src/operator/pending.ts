import type { Act } from '../acts/acts.ts'
import type { Update } from '../acts/desk.ts'
import { preview, speak, type Saying } from '../acts/speak.ts'
import type { Clock } from '../clock.ts'
import type { Text } from '../vocabulary/incident.ts'
import { faultOf } from '../record/unavailable.ts'

export const PENDING_BOUNDS = {
  /** Time in which a statement can be taken back before it is written. */
  takeBackMs: 10_000,
  /** Most statements that wait at once. Beyond it statements are said immediately. */
  waitingMax: 20,
  /** How long a statement that could not be said is kept for its writer. */
  keptMs: 3_600_000,
} as const

/** A statement that a person has decided on and that is not written yet. */
export interface Pending {
  readonly id: string
  readonly act: Act
  readonly saying: Saying
  /** As it would be said now. */
  readonly update: Update
  /** By the clock, epoch ms. */
  readonly sayAt: number
  /** Why it could not be said; null while it waits. */
  readonly faults: readonly Text[] | null
}

const FULL: Text = {
  ko: '디스크에 쓸 수 없어 나가지 못했습니다. 자리를 만든 뒤 다시 보내 주십시오.',
  en: 'The disk cannot be written, so it did not go out. Free some space and send it again.',
}

export function createPending(clock: Clock) {
  let isStopping = false
  const waiting = new Map<string, { pending: Pending; cancel: () => void }>()

  function sayNow(id: string): void {
    const one = waiting.get(id)
    if (one === undefined || one.pending.faults !== null) return
    one.cancel()
    const said = attempt(one.pending)
    if (!('faults' in said)) return void waiting.delete(id)
    const cancel = clock.after(PENDING_BOUNDS.keptMs, () => waiting.delete(id))
    waiting.set(id, { pending: { ...one.pending, faults: said.faults }, cancel })
  }

  function attempt({ act, saying }: Pending) {
    try {
      return speak(act, { ...saying, now: clock.now() })
    } catch (error) {
      if (faultOf(error) === null) throw error
      return { faults: [FULL] }
    }
  }

  return {
    /** @returns the waiting statement, or why it cannot be said. */
    add(act: Act, saying: Saying): Pending | { readonly faults: readonly Text[] } {
      const update = preview(act, saying)
      if ('faults' in update) return update
      const id = saying.desk.newId()
      const sayAt = clock.now() + PENDING_BOUNDS.takeBackMs
      const pending: Pending = { id, act, saying, update, sayAt, faults: null }
      if (isStopping || waiting.size >= PENDING_BOUNDS.waitingMax) {
        const said = attempt(pending)
        return 'faults' in said ? said : pending
      }
      waiting.set(id, { pending, cancel: clock.after(PENDING_BOUNDS.takeBackMs, () => sayNow(id)) })
      return pending
    },
    find: (id: string): Pending | null => waiting.get(id)?.pending ?? null,
    list: (): readonly Pending[] => [...waiting.values()].map(({ pending }) => pending),
    /** @returns the statement; null when it has gone out or does not exist. */
    takeBack(id: string): Pending | null {
      const one = waiting.get(id)
      if (one === undefined) return null
      one.cancel()
      waiting.delete(id)
      return one.pending
    },
    /**
     * Says everything that waits, and from now on everything at once: the program stops.
     * @returns what could not be said, which is kept no longer.
     */
    flush(): readonly Pending[] {
      isStopping = true
      const untold = [...waiting.values()].filter(({ pending }) => pending.faults === null)
      for (const { pending } of untold) sayNow(pending.id)
      const unsaid = untold.flatMap(({ pending }) => waiting.get(pending.id)?.pending ?? [])
      for (const { cancel } of waiting.values()) cancel()
      waiting.clear()
      return unsaid
    },
  }
}
