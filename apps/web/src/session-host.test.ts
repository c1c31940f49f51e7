import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { holdDevice } from './adapters/one-window.ts'

Object.assign(globalThis, { addEventListener() {} })
const { createSessionHost } = await import('./session-host.ts')

/** A store whose opening waits for the test. */
function waitingStore() {
  class IDBRequest extends EventTarget {
    readonly result = new EventTarget()
    readonly error = new Error('no store here')
  }
  const request = new IDBRequest()
  for (const name of ['IDBDatabase', 'IDBTransaction', 'IDBObjectStore', 'IDBIndex', 'IDBCursor'])
    Object.assign(globalThis, { [name]: class extends EventTarget {} })
  Object.assign(globalThis, { IDBRequest, indexedDB: { open: () => request } })
  return (answer: 'success' | 'error') => request.dispatchEvent(new Event(answer))
}

async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn()
}

const heldLocks = async (): Promise<number | undefined> => (await navigator.locks.query()).held?.length

test('[C17] a window that loses the device before its store is open does not become the device', async () => {
  const answer = waitingStore()
  const host = createSessionHost(() => undefined)
  const opened = host.open()
  await settle()
  const never = new Promise<never>(() => undefined)
  navigator.locks.request('bongsu-device', { steal: true }, () => never).catch(() => undefined)
  await settle()
  answer('success')
  await opened
  assert.equal(host.phase().at, 'elsewhere')
  // Ends the wait for the other window.
  await holdDevice(true, () => undefined)
})

test('[C17] a window whose store does not open lets another window be the device', async () => {
  await navigator.locks.request('bongsu-device', { steal: true }, () => undefined)
  const answer = waitingStore()
  const host = createSessionHost(() => undefined)
  const opened = host.open()
  await settle()
  assert.equal(await heldLocks(), 1)
  answer('error')
  await opened
  await settle()
  assert.deepEqual([host.phase().at, await heldLocks()], ['broken', 0])
})
