import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createDiskReserve, roomOn } from './disk-reserve.ts'

test('[B25] the reserve is what is configured, at most a tenth of the disk, and is told when it is reached and when it is free again', async () => {
  const room = { freeBytes: 100, sizeBytes: 2_000 }
  const told: (readonly [boolean, number])[] = []
  const reserve = createDiskReserve(
    100,
    async () => room,
    (isShort, { reserveBytes }) => void told.push([isShort, reserveBytes]),
  )
  const look = async (freeBytes: number, sizeBytes = 2_000): Promise<boolean> => {
    Object.assign(room, { freeBytes, sizeBytes })
    await reserve.look()
    return reserve.isShort()
  }
  assert.deepEqual([await look(100), await look(99), await look(105), await look(109), await look(110)], [false, true, true, true, false])
  assert.deepEqual([await look(50, 500), await look(49, 500)], [false, true], 'of a small disk a tenth')
  assert.deepEqual(told, [
    [true, 100],
    [false, 100],
    [true, 50],
  ])
})

test('[B25] the room on a disk is what programs without privileges have', async () => {
  const { freeBytes, sizeBytes } = await roomOn(tmpdir())
  assert.ok(freeBytes > 0 && freeBytes < sizeBytes)
})
