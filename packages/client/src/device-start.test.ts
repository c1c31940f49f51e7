import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../fakes/clock.ts'
import { createWorld } from '../fakes/device.ts'
import { createMemoryStore } from './memory-store.ts'
import type { LocalStore } from './ports.ts'

test('[C1] a device whose store could not be read starts when it is started again', async () => {
  const inner = createMemoryStore()
  let fails = true
  const { device, clock } = createWorld(1, { store: { ...inner, load: () => (fails ? Promise.reject(new Error('locked')) : inner.load()) } })
  await assert.rejects(device.start(), /locked/)
  fails = false
  await device.start()
  await clock.pass(1_000)
  assert.equal(device.view().connection.state, 'live')
})

test('[C1] a device stopped and started during its first read reads the store once, and keeps everything written since', async () => {
  const inner = createMemoryStore()
  const gates: (() => void)[] = []
  const load: LocalStore['load'] = async () => {
    const read = await inner.load()
    await new Promise<void>((resolve) => gates.push(resolve))
    return read
  }
  const { device, server, clock, me, other } = createWorld(1, { store: { ...inner, load } })
  const room = server.addConversation('direct', [me, other])
  const first = device.start()
  await device.stop()
  const second = device.start()
  await settle()
  gates[0]?.()
  await first
  await device.send(room, { kind: 'text', text: 'still here' })
  gates[1]?.()
  await second
  await clock.pass(1_000)
  assert.equal(server.conversations.get(room)?.log.at(-1)?.seq, 2)
})
