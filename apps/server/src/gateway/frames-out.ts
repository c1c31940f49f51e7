import type { Duplex } from 'node:stream'
import type { Encoded } from '../delivery/encode.ts'

/** Most bytes held back for a socket. Beyond it they go to the kernel at once. */
const HELD_BYTES_MAX = 16_384

/** Sockets written to in one turn. The rest of a large group follows in the next turns, so that other conversations need not wait for all of it. */
const SOCKETS_PER_TURN = 256

/** FIN and the opcode for text (RFC 6455, 5.2). A server does not mask its frames. */
const FINAL_TEXT = 0x81

/** Sockets with held-back bytes, until the end of this turn of the event loop or of one soon after. */
const holding: Duplex[] = []

/**
 * Writes a text frame together with all other frames for this socket in the same turn of the event loop. A group commit answers many sends at once,
 * and one system call for each frame was the largest cost of a message.
 */
export function writeFrame(socket: Duplex, payload: Encoded): void {
  if (socket.writableCorked === 0) {
    if (holding.length === 0) setImmediate(release)
    holding.push(socket)
    socket.cork()
  }
  socket.write(framed(payload))
  if (socket.writableLength > HELD_BYTES_MAX) socket.uncork()
}

function release(): void {
  const sockets = holding.splice(0, SOCKETS_PER_TURN)
  if (holding.length > 0) setImmediate(release)
  // A socket that was flushed before may be listed twice, and a destroyed one holds nothing.
  for (const socket of sockets) if (socket.writableCorked > 0) socket.uncork()
}

let lastPayload: Encoded | null = null
let lastFrame: Buffer = Buffer.alloc(0)

/** The payload with its header, as one buffer. It is made once for all devices, which come one after the other. */
function framed(payload: Encoded): Buffer {
  if (payload === lastPayload) return lastFrame
  const { length } = payload
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = FINAL_TEXT
  if (start === 2) frame[1] = length
  else if (start === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  payload.copy(frame, start)
  lastPayload = payload
  lastFrame = frame
  return frame
}
