import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { holdDevice, reloadMs, whenFree } from './one-window.ts'

/** Locks are granted by the system, between turns of the event loop. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn()
}

/** Another window holds the device. @returns what closes that window. */
async function otherWindow(): Promise<() => Promise<void>> {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  void navigator.locks.request('bongsu-device', () => {
    held.resolve()
    return closed
  })
  await held.promise
  return async () => {
    close()
    await settle()
  }
}

test('[C17] a waiting window goes on when the other one is gone for longer than a reload takes', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closeOther = await otherWindow()
  let runs = 0
  whenFree(() => runs++)
  t.mock.timers.tick(10 * reloadMs)
  assert.equal(runs, 0)
  await closeOther()
  t.mock.timers.tick(reloadMs - 1)
  assert.equal(runs, 0, 'the other window may still come back')
  assert.equal((await navigator.locks.query()).held?.length, 0, 'and finds the device free')
  t.mock.timers.tick(1)
  assert.equal(runs, 1)
})

test('[C17] a person who takes over meanwhile ends the wait', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closeOther = await otherWindow()
  let runs = 0
  whenFree(() => runs++)
  await closeOther()
  const lost = Promise.withResolvers<void>()
  assert.equal(await holdDevice(true, lost.resolve), true)
  t.mock.timers.tick(reloadMs)
  assert.equal(runs, 0)
  await navigator.locks.request('bongsu-device', { steal: true }, () => undefined)
  await lost.promise
})
