import { createJudge } from '../../apps/sentinel/src/judge/judge.ts'
import { Desk } from '../../apps/sentinel/src/present/desk.ts'
import type { SqliteRecord } from '../../apps/sentinel/src/record/sqlite-record.ts'
import { Watch, type WatchParts } from '../../apps/sentinel/src/watch.ts'

export const HEAD = { name: '봉수', serverUrl: 'http://talk', pageUrl: 'http://status', contact: '02-000-0000', timeZone: 'Asia/Seoul' } as const

/** A watch over this record, that asks and tells nobody unless `more` says so. Incidents are numbered. */
export function watchOver(
  record: SqliteRecord,
  { desk = new Desk(HEAD), ...more }: Pick<WatchParts, 'clock'> & Partial<WatchParts>,
): { readonly watch: Watch; readonly desk: Desk; readonly warned: readonly string[] } {
  const warned: string[] = []
  let ids = 0
  const parts: WatchParts = {
    record,
    desk,
    judge: createJudge(),
    contact: HEAD.contact,
    timeZone: HEAD.timeZone,
    newId: () => `incident-${++ids}`,
    readReports: async () => null,
    alarm: () => {},
    measure: () => {},
    publish: () => {},
    tell: () => {},
    warn: (sentence) => warned.push(sentence),
    ...more,
  }
  return { watch: new Watch(parts, record.head()), desk, warned }
}
