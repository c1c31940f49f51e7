import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, isExecutable, onPath, runningPeer, startProgram, type Peer } from './peer.ts'

const PROGRAM = ['/usr/sbin/mosquitto'].find(isExecutable) ?? 'mosquitto'

export const mosquitto: Peer = {
  name: 'mosquitto, QoS 1',
  wire: 'mqtt',
  durability: 'A broker without history: queued for sessions that are away, in memory, written to disk every 30 minutes and when it ends.',
  missing: () => (existsSync(PROGRAM) || onPath('mosquitto') ? null : 'mosquitto'),
  async start(folder) {
    const port = await freePort()
    mkdirSync(join(folder, 'data'))
    const config = join(folder, 'mosquitto.conf')
    writeFileSync(
      config,
      `listener ${port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location ${folder}/data/
max_inflight_messages 0
max_queued_messages 0
log_type error
`,
    )
    const started = await startProgram(PROGRAM, ['-c', config], port)
    return runningPeer(port, [started])
  },
}
