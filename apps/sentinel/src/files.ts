import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { openNotifyStore, type NotifyStore } from './notify/open-store.ts'
import { openSubscriberKeys, type SubscriberKeys } from './notify/subscriber-keys.ts'
import { openOperatorStore, type OperatorStore } from './operator/operator-store.ts'
import { OPERATORS_FILE } from './operator/sign-in.ts'
import { holdLock } from './record/lock.ts'
import { openRecordAnyway } from './record/open-record.ts'
import { openWhenRoom } from './record/room.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import { faultOf } from './record/unavailable.ts'

/** All files of a main sentinel's folder. On a disk that takes nothing, each use of one throws as the disk does, until there is room. */
export interface SentinelFiles {
  readonly record: SqliteRecord
  readonly store: NotifyStore
  readonly operators: OperatorStore
  readonly keys: SubscriberKeys
  close(): void
}

/** @throws when one of the files cannot be opened, for another reason than a full disk; the others are closed again. */
export function openFiles(directory: string, clock: Clock, log: Log): SentinelFiles {
  const closers: (() => void)[] = []
  const close = (): void => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) closer()
  }
  function openFile<File extends object>(open: () => File & { close?(): void }): File {
    return openWhenRoom(directory, clock, () => {
      const file = open()
      closers.push(() => file.close?.())
      return file
    })
  }
  try {
    closers.push(holdLock(directory, clock, log))
    const record = openRecordAnyway(directory, clock)
    closers.push(() => record.close())
    return {
      record,
      store: openFile(() => openOrSetAside(join(directory, 'subscribers.db'), clock.now(), openNotifyStore, log.warn)),
      operators: openFile(() => openOrSetAside(join(directory, OPERATORS_FILE), clock.now(), openOperatorStore, log.warn)),
      keys: openFile(() => openSubscriberKeys(join(directory, 'subscribers.key'))),
      close,
    }
  } catch (cause) {
    close()
    throw cause
  }
}

/**
 * Opens a file beside the record. A damaged file is kept under a dated name and a new one is created: a status page that starts is worth more than
 * the subscriptions, and the damaged file is not thrown away.
 */
export function openOrSetAside<Store>(
  file: string,
  now: number,
  open: (file: string, now: number) => Store,
  warn: (sentence: string, cause?: unknown) => void,
): Store {
  try {
    return open(file, now)
  } catch (error) {
    if (faultOf(error) !== 'damaged') throw error
    const aside = `${file}.damaged-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`
    for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part)
    warn(`${file} is damaged. It is kept as ${aside}, and a new file is created.`, error)
    return open(file, now)
  }
}
