import { fork } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteStore } from '../apps/server/src/adapters/sqlite/open-store.ts'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { fill, type Filled } from './fill.ts'
import { runProgram } from './peers/peer.ts'
import { adopt, cleanEnvironment, ROOT, temporaryFolder } from './processes.ts'
import type { Options } from './scenario.ts'

/** Pairs that talk; the others only have a past. */
export const TALKING = 100
/** People of the others, each with some of them. */
const OTHERS = 200
const CONVERSATIONS = 1_000

/** A data directory in which much was said before. */
export interface Stored {
  readonly data: string
  readonly filled: Filled
  readonly messages: number
  /** In each conversation, the last seq that was filled. */
  readonly head: number
}

/** Kept until the bench ends, so that scenarios of one run need each only once. What they add to it is little. */
const made = new Map<number, Stored>()

/** @param messages in all, over CONVERSATIONS. */
export async function stored(options: Options, messages: number): Promise<Stored> {
  const known = made.get(messages)
  if (known !== undefined) return known
  const data = join(temporaryFolder(), 'data')
  const pairs = Array.from({ length: CONVERSATIONS }, (_, index) => pairOf(index))
  const filled = await fill(data, { accounts: TALKING * 2 + OTHERS, pairs })
  const perConversation = messages / CONVERSATIONS
  const words = (count: number): string => count.toLocaleString('en-US')
  options.progress(`storing ${words(messages)} messages`)
  await write(data, perConversation, (written) => options.progress(`stored ${words(written)} of ${words(messages)} messages`))
  const head = 1 + perConversation
  await readAll(data, filled, head)
  const devices = filled.devices.map((device) => ({ ...device, cursors: device.cursors.map(([room]) => [room, head] as const) }))
  const result = { data, filled: { ...filled, devices }, messages, head }
  made.set(messages, result)
  return result
}

export function databaseBytes({ data }: Stored): number {
  return statSync(join(data, 'bongsu.db')).size
}

/** What the system keeps of the database's file in memory is given up; it must be on the disk, and no server may run. */
export async function forgetFile({ data }: Stored): Promise<void> {
  await runProgram('sync', [join(data, 'bongsu.db')])
  await runProgram('dd', [`if=${join(data, 'bongsu.db')}`, 'iflag=nocache', 'count=0', 'status=none'])
}

/** The first ones are the talking pairs; the others each have another number of people between the two. */
function pairOf(index: number): readonly [number, number] {
  if (index < TALKING) return [index * 2, index * 2 + 1]
  const other = index - TALKING
  const one = other % OTHERS
  const next = (one + 1 + Math.floor(other / OTHERS)) % OTHERS
  return [TALKING * 2 + one, TALKING * 2 + next]
}

async function write(data: string, perConversation: number, progress: (written: number) => void): Promise<void> {
  const child = adopt(fork('bench/fill-stored.ts', [data, String(perConversation)], { cwd: ROOT, env: cleanEnvironment(), detached: true }))
  let told = performance.now()
  child.on('message', (written: number) => {
    if (performance.now() - told < 5_000) return
    told = performance.now()
    progress(written)
  })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`The messages could not be stored (${code}).`)
}

/** Everybody has read what was said, as people have. */
async function readAll(directory: string, { accounts, devices }: Filled, seq: number): Promise<void> {
  const store = await openSqliteStore({ directory })
  try {
    const all = devices.flatMap(({ cursors }, place) =>
      cursors.map(([conversationId]) => ({ conversationId: conversationId as ConversationId, accountId: accounts[place] as AccountId, seq })),
    )
    const raised = await store.receipts.raise(all)
    if (raised.some((rose) => !rose)) throw new Error('A watermark did not rise.')
  } finally {
    await store.close()
  }
}
