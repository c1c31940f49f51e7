import { join } from 'node:path'
import { cleanEnvironment, ROOT } from '../processes.ts'
import { freePort, runningPeer, startProgram, type Peer } from './peer.ts'

export const socketIo: Peer = {
  name: 'socket.io 4',
  wire: 'socket.io',
  durability: 'None: acknowledged when passed on; nothing is kept.',
  missing: () => null,
  async start() {
    const port = await freePort()
    const started = await startProgram(process.execPath, [join(ROOT, 'bench/peers/socket-io-server.ts'), String(port)], port, {
      env: cleanEnvironment(),
    })
    return runningPeer(port, [started])
  },
}
