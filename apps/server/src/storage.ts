import { openSqliteStore } from './adapters/sqlite/open-store.ts'
import { sqliteKeeper } from './adapters/sqlite/store-keeper.ts'
import type { StoreKeeper } from './store/store-keeper.ts'
import type { Store, StoreOptions } from './store/store.ts'

// The only file that names a kind of store. A setting would choose between several kinds here.

export const openStore: (options: StoreOptions) => Promise<Store> = openSqliteStore

export const storeKeeper: StoreKeeper = sqliteKeeper
