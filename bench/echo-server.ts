import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

// The limit of this runtime and library: every text frame goes back as it came. It knows nobody and keeps nothing.

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false })
sockets.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(data, { binary: false })))
server.listen(0, '127.0.0.1', () => process.stderr.write(`echo on localhost:${(server.address() as AddressInfo).port}\n`))
