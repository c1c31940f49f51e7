import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { openNotifyStore, type NotifyStore } from './notify/open-store.ts'
import { openOrSetAside } from './notify/set-aside.ts'
import { openSubscriberKeys, type SubscriberKeys } from './notify/subscriber-keys.ts'
import { OPERATORS_FILE } from './operator/operator-link.ts'
import { openOperatorStore, type OperatorStore } from './operator/operator-store.ts'
import { lockRecord } from './record/lock.ts'
import { openRecord } from './record/open-record.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'

/** All open files of a main sentinel's folder. */
export interface SentinelFiles {
  readonly record: SqliteRecord
  readonly store: NotifyStore
  readonly operators: OperatorStore
  readonly keys: SubscriberKeys
  close(): void
}

/** @throws when one of the files cannot be opened; the others are closed again. */
export function openFiles(directory: string, clock: Pick<Clock, 'now'>, warn: (sentence: string, cause?: unknown) => void): SentinelFiles {
  const closers: (() => void)[] = []
  const close = (): void => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) closer()
  }
  try {
    closers.push(lockRecord(directory))
    const record = openRecord(directory, { clock })
    closers.push(() => record.close())
    const store = openOrSetAside(join(directory, 'subscribers.db'), clock.now(), openNotifyStore, warn)
    closers.push(() => store.close())
    const operators = openOrSetAside(join(directory, OPERATORS_FILE), clock.now(), openOperatorStore, warn)
    closers.push(() => operators.close())
    return { record, store, operators, keys: openSubscriberKeys(join(directory, 'subscribers.key')), close }
  } catch (cause) {
    close()
    throw cause
  }
}
