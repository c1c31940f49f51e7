import assert from 'node:assert/strict'
import { test } from 'node:test'
import { append } from '../conversation/append.ts'
import { Unavailable, type LogStore } from '../conversation/log-store.ts'
import { createFailed } from './faults.ts'
import { accountId, messageId, roomId } from '../../../../tests/worlds/names.ts'

function make() {
  const told: string[] = []
  const failed = createFailed({
    logger: { warn: (fields) => void told.push(`warn ${String(fields['fault'])}`), error: () => void told.push('error') },
    counted: () => void told.push('counted'),
    fatal: () => void told.push('fatal'),
    isOperating: (cause) => cause instanceof Unavailable,
  })
  return { told, failed }
}

test('[O4] a store that gives fewer answers than requests ends the process', async () => {
  const { told, failed } = make()
  const log = { append: async () => [] } as Partial<LogStore> as LogStore
  const request = { conversationId: roomId(1), author: accountId(1), id: messageId(1), body: { kind: 'text', text: '안녕' } } as const
  const answers: unknown[] = []
  await append({ log, clock: { now: () => 1 } as never, announce: () => assert.fail() }, request, (answer) => void answers.push(answer)).catch(failed)
  assert.deepEqual([told, answers], [['counted', 'fatal', 'error'], []])
})

test('[O4] a full or unreachable store is an operating failure, any other error is logged as a fault, and the process continues', () => {
  const { told, failed } = make()
  failed(new Unavailable('the disk is full'))
  failed(new Error('a surprise'))
  assert.deepEqual(told, ['counted', 'warn the disk is full', 'counted', 'error'])
})
