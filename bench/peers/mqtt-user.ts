import { connect } from 'node:net'
import { generate, parser } from 'mqtt-packet'
import type { ConnectUser } from './user.ts'

/** MQTT 3.1.1 with QoS 1 and a session that outlives the connection: acknowledged by PUBACK. */
export const connectMqtt: ConnectUser = (port, user, listener) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    const packets = parser({ protocolVersion: 4 })
    const waiting = new Map<number, string>()
    let nextId = 0
    packets.on('packet', (packet) => {
      if (packet.cmd === 'connack') socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `u/${user}`, qos: 1 }] }))
      else if (packet.cmd === 'suback') {
        resolve({
          say(to, id, text) {
            nextId = (nextId % 65_535) + 1
            waiting.set(nextId, id)
            socket.write(
              generate({ cmd: 'publish', topic: `u/${to}`, payload: `${id} ${text}`, qos: 1, messageId: nextId, dup: false, retain: false }),
            )
          },
        })
      } else if (packet.cmd === 'puback') {
        const id = waiting.get(packet.messageId ?? 0)
        waiting.delete(packet.messageId ?? 0)
        if (id === undefined) listener.wrong(`an acknowledgement of nothing, ${packet.messageId}`)
        else listener.acknowledged(id)
      } else if (packet.cmd === 'publish') {
        const [id = ''] = packet.payload.toString().split(' ', 1)
        listener.received(id)
        socket.write(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }))
      }
    })
    packets.on('error', reject)
    socket.on('connect', () =>
      socket.write(generate({ cmd: 'connect', clientId: `u${user}`, clean: false, keepalive: 300, protocolId: 'MQTT', protocolVersion: 4 })),
    )
    socket.on('data', (data: Buffer) => packets.parse(data))
    socket.on('error', reject)
    socket.on('close', () => {
      listener.wrong(`the connection of u${user} ended`)
      reject(new Error(`the connection of u${user} ended`))
    })
  })
