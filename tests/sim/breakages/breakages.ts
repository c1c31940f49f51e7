import type { Breakage } from './breakage.ts'
import { OF_ITEMS_ON_THE_DEVICE } from './of-items-on-the-device.ts'
import { OF_ITEMS } from './of-items.ts'
import { OF_PROCESSES } from './of-processes.ts'
import { OF_THE_DEVICE } from './of-the-device.ts'
import { OF_THE_SERVER } from './of-the-server.ts'

export const BREAKAGES: readonly Breakage[] = [...OF_THE_SERVER, ...OF_ITEMS, ...OF_THE_DEVICE, ...OF_ITEMS_ON_THE_DEVICE, ...OF_PROCESSES]
