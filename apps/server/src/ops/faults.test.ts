import assert from 'node:assert/strict'
import { test } from 'node:test'
import { append } from '../conversation/append.ts'
import { Unavailable, type LogStore } from '../conversation/log-store.ts'
import { createFailed, FAILED_LINE_MS } from './faults.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { accountId, messageId, roomId } from '../../../../tests/worlds/names.ts'

function make() {
  const told: string[] = []
  const clock = createSimulatedClock()
  const failed = createFailed({
    logger: {
      warn: (fields) => void told.push(`warn ${String(fields['fault'])} ${String(fields['requests'])}`),
      error: () => void told.push('error'),
    },
    clock,
    counted: () => void told.push('counted'),
    fatal: () => void told.push('fatal'),
    isOperating: (cause) => cause instanceof Unavailable,
  })
  return { told, failed, clock }
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
  assert.deepEqual(told, ['counted', 'warn the disk is full 1', 'counted', 'error'])
})

test('[O1] however many requests fail on a full disk, the log gets one line a second, with their number', () => {
  const { told, failed, clock } = make()
  const fail = (): void => failed(new Unavailable('full'))
  for (let count = 0; count < 50; count++) fail()
  clock.advance(FAILED_LINE_MS - 1)
  fail()
  clock.advance(1)
  fail()
  assert.deepEqual(
    told.filter((line) => line.startsWith('warn')),
    ['warn full 1', 'warn full 51'],
  )
})
