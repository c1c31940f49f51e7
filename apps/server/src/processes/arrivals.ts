import type { AccountId, DeviceId } from '@bongsu/protocol'
import { statement, step } from '../accounts/builder.ts'
import type { AccountsParts } from '../accounts/parts.ts'
import { PROCESSES_BOUNDS } from './bounds.ts'

/** A device has connected to a process. */
export interface Arrival {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly process: string
  /** Epoch ms by the common clock. */
  readonly at: number
}

/** Tells other processes by the store which devices have come here, while hints may be lost [D13]. */
export interface Arrivals {
  note(accountId: AccountId, deviceId: DeviceId, at: number): void
  /** Writes the devices noted lately, and reads those that have come to other processes. */
  exchange(): Promise<readonly Arrival[]>
}

interface ArrivalRow {
  readonly device_id: DeviceId
  readonly account_id: AccountId
  readonly process: string
  readonly arrived_at: number
}

export function createArrivals({ sql, db, clock, process }: Pick<AccountsParts, 'sql' | 'db' | 'clock'> & { readonly process: string }): Arrivals {
  /** Not written yet, oldest first; by the monotonic clock. */
  const noted = new Map<DeviceId, { readonly row: ArrivalRow; readonly since: number }>()

  function forgetOld(): void {
    const now = clock.monotonic()
    for (const [deviceId, { since }] of noted) {
      if (noted.size <= PROCESSES_BOUNDS.arrivalsMax && now - since < PROCESSES_BOUNDS.arrivalsMs) break
      noted.delete(deviceId)
    }
  }

  return {
    note(accountId, deviceId, at) {
      noted.delete(deviceId)
      noted.set(deviceId, { row: { device_id: deviceId, account_id: accountId, process, arrived_at: at }, since: clock.monotonic() })
      forgetOld()
    },

    async exchange() {
      forgetOld()
      const rows = [...noted.values()].map(({ row }) => row)
      for (let start = 0; start < rows.length; start += PROCESSES_BOUNDS.arrivalsBatch) {
        const batch = rows.slice(start, start + PROCESSES_BOUNDS.arrivalsBatch)
        const write = db
          .insertInto('arrivals')
          .values(batch)
          .onConflict((conflict) =>
            conflict
              .column('device_id')
              .doUpdateSet((row) => ({
                account_id: row.ref('excluded.account_id'),
                process: row.ref('excluded.process'),
                arrived_at: row.ref('excluded.arrived_at'),
              }))
              .whereRef('excluded.arrived_at', '>', 'arrivals.arrived_at'),
          )
        await sql.atomic([step(write)])
        // One that has come anew meanwhile is written the next time.
        for (const row of batch) if (noted.get(row.device_id)?.row === row) noted.delete(row.device_id)
      }
      const since = clock.now() - PROCESSES_BOUNDS.arrivalsKeptMs
      await sql.atomic([step(db.deleteFrom('arrivals').where('arrived_at', '<', since))])
      const read = db
        .selectFrom('arrivals')
        .select(['device_id', 'account_id', 'process', 'arrived_at'])
        .where('process', '!=', process)
        .where('arrived_at', '>=', since)
        .orderBy('arrived_at', 'desc')
        .limit(PROCESSES_BOUNDS.arrivalsReadMax)
      const others = await sql.read<ArrivalRow>(statement(read))
      return others.map((row) => ({ accountId: row.account_id, deviceId: row.device_id, process: row.process, at: row.arrived_at }))
    },
  }
}
