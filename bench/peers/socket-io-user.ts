import { io } from 'socket.io-client'
import type { ConnectUser } from './user.ts'

export const connectSocketIo: ConnectUser = (port, user, listener) =>
  new Promise((resolve, reject) => {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], auth: { user: `u${user}` }, forceNew: true, reconnection: false })
    socket.on('connect', () =>
      resolve({
        say: (to, id, text) => void socket.emit('say', `u${to}`, id, text, () => listener.acknowledged(id)),
      }),
    )
    socket.on('said', (_from: string, id: string) => listener.received(id))
    socket.on('connect_error', reject)
    socket.on('disconnect', (reason) => listener.wrong(`the connection of u${user} ended: ${reason}`))
  })
