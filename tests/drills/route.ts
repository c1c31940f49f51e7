import { connect, createServer, type Socket } from 'node:net'

// A way from one machine to another, in a process of its own: when it is stopped, nothing passes on open connections, and no new ones come about,
// because the queue of the operating system for them is as short as can be. Prints its port.

const port = Number(process.argv[2])

const server = createServer((socket) => {
  const onward = connect(port, '127.0.0.1')
  join(socket, onward)
  join(onward, socket)
})

function join(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => process.stdout.write(`${JSON.stringify(server.address())}\n`))
