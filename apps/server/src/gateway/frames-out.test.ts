import assert from 'node:assert/strict'
import { Duplex, type Writable } from 'node:stream'
import { test } from 'node:test'
import * as ws from 'ws'
import { writeFrame } from './frames-out.ts'

/** A socket that records each write as one system call. */
function recording(): { socket: Duplex; calls: Buffer[] } {
  const calls: Buffer[] = []
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      calls.push(chunk)
      done()
    },
    writev(chunks, done) {
      calls.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)))
      done()
    },
  })
  return { socket, calls }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The reader of `ws`, which its types leave out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

/** The texts a WebSocket reader gets from the bytes. */
function read(bytes: Buffer): Promise<string[]> {
  const texts: string[] = []
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true })
  receiver.on('message', (data: Buffer, isBinary: boolean) => texts.push(isBinary ? 'binary' : data.toString()))
  return new Promise((resolve, reject) => {
    receiver.on('error', reject)
    receiver.end(bytes, () => resolve(texts))
  })
}

test('[D2] frames of one turn go out together and in order, and those of the next turn separately', async () => {
  const { socket, calls } = recording()
  for (const text of ['하나', '둘', '셋']) writeFrame(socket, Buffer.from(text))
  assert.equal(calls.length, 0)
  await turn()
  assert.equal(calls.length, 1)
  writeFrame(socket, Buffer.from('넷'))
  await turn()
  assert.equal(calls.length, 2)
  assert.deepEqual(await read(Buffer.concat(calls)), ['하나', '둘', '셋', '넷'])
})

test('[O1] more than 16 KiB is not held back, and later frames of the same turn still go out', async () => {
  const { socket, calls } = recording()
  // With the header of four bytes, exactly the bound.
  writeFrame(socket, Buffer.alloc(16_380, 'a'))
  assert.equal(calls.length, 0)
  writeFrame(socket, Buffer.from('b'))
  assert.equal(calls.length, 1)
  writeFrame(socket, Buffer.from('c'))
  assert.equal(calls.length, 1)
  await turn()
  assert.deepEqual(
    (await read(Buffer.concat(calls))).map((text) => text.slice(0, 1)),
    ['a', 'b', 'c'],
  )
})

test('[W3] every length has the header expected by readers', async () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]) {
    const { socket, calls } = recording()
    writeFrame(socket, Buffer.alloc(length, 'x'))
    await turn()
    assert.deepEqual(await read(Buffer.concat(calls)), ['x'.repeat(length)], String(length))
  }
})

test('[D2] one frame for many sockets is the right frame for each', async () => {
  const [one, other] = [recording(), recording()]
  const [first, second] = [Buffer.from('first'), Buffer.from('second')]
  for (const frame of [first, second]) for (const { socket } of [one, other]) writeFrame(socket, frame)
  await turn()
  for (const { calls } of [one, other]) assert.deepEqual(await read(Buffer.concat(calls)), ['first', 'second'])
})

test('[O4] a socket destroyed during the turn does not disturb others', async () => {
  const [gone, other] = [recording(), recording()]
  for (const { socket } of [gone, other]) writeFrame(socket, Buffer.from('a'))
  gone.socket.destroy()
  await turn()
  assert.deepEqual([gone.calls.length, other.calls.length], [0, 1])
})

test('[O2] 256 sockets are written to in one turn and further ones in the next turn, without loss', async () => {
  const all = Array.from({ length: 257 }, recording)
  const written = (): number => all.filter(({ calls }) => calls.length > 0).length
  for (const { socket } of all) writeFrame(socket, Buffer.from('a'))
  await turn()
  assert.equal(written(), 256)
  for (const { socket } of all) writeFrame(socket, Buffer.from('b'))
  await turn()
  await turn()
  assert.equal(written(), 257)
  for (const { calls } of all) assert.deepEqual(await read(Buffer.concat(calls)), ['a', 'b'])
})
