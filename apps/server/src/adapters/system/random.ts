import { v7 } from 'uuid'
import type { Random } from '../../ops/clock.ts'

export const systemRandom: Random = { next: Math.random, uuid: () => v7() }
