import { createServer } from 'node:http'
import { Server } from 'socket.io'

// A peer: what a team would write first with socket.io. It acknowledges when it has passed a message on, and keeps nothing.

const http = createServer()
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
io.on('connection', (socket) => {
  const { user } = socket.handshake.auth as { user: string }
  void socket.join(user)
  socket.on('say', (to: string, id: string, text: string, done: () => void) => {
    io.to(to).emit('said', user, id, text)
    done()
  })
})
http.listen(Number(process.argv[2]), '127.0.0.1')
