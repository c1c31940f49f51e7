import { randomUUIDv7 } from 'node:crypto'
import type { Random } from '../../ops/clock.ts'

export const systemRandom: Random = { next: Math.random, uuid: () => randomUUIDv7() }
