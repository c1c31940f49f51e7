import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { endInTurn, ENDS_PER_TURN } from './ends-in-turn.ts'

test('[O3] many simultaneous ends are handled a few in each turn of the event loop, so that other connections do not wait for all', async () => {
  const worked: string[] = []
  const sockets = Array.from({ length: 3 * ENDS_PER_TURN }, (_, n) => {
    const socket = new PassThrough()
    socket.on('end', () => worked.push(`at once ${n}`))
    const before = new Set<unknown>(socket.listeners('end'))
    for (const event of ['end', 'close']) {
      socket.on(event, function (this: unknown) {
        assert.equal(this, socket)
        worked.push(`${event} ${n}`)
      })
    }
    endInTurn(socket, before)
    return socket
  })
  for (const socket of sockets) {
    socket.emit('end')
    socket.emit('close')
  }
  assert.equal(worked.length, sockets.length, 'only what was there before is done at once')
  worked.length = 0
  let before = 0
  let turns = 0
  for (; worked.length < 2 * sockets.length; turns++) {
    await turn()
    assert.ok(worked.length - before <= ENDS_PER_TURN)
    before = worked.length
    assert.ok(turns < 100, 'all of them come in the end')
  }
  assert.deepEqual(
    worked,
    sockets.flatMap((_, n) => [`end ${n}`, `close ${n}`]),
    'in the order in which they happened',
  )
})
