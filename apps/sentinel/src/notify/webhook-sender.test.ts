import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { systemClock, type Clock } from '../clock.ts'
import { createWebhookSender, signatureOf, WEBHOOK_CALL_BOUNDS, type CallFault } from './webhook-sender.ts'
import type { Resolve } from './webhook-target.ts'

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

async function receiver(t: TestContext, answer: RequestListener): Promise<{ readonly url: string; readonly port: number; readonly heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      heard.push({ headers: request.headers, body, path: request.url ?? '' })
      answer(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/in`, port, heard }
}

/** A receiver that speaks raw TCP. */
async function rawReceiver(t: TestContext, talk: (socket: Socket) => void): Promise<string> {
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined)
    talk(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const hasty: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 10, run) }
const call = { body: '{"incident":"장애"}', secret: 'whsec_dGVzdA==', id: 'i1:1' }

function send(t: TestContext, url: string, options: { allowPrivate?: boolean; clock?: Clock; resolve?: Resolve } = {}): Promise<CallFault> {
  const sender = createWebhookSender({ allowPrivate: true, clock: systemClock, ...options })
  t.after(() => sender.close())
  return sender.send({ ...call, url })
}

test('[S8] a webhook gets exactly the signed body, and any status from 200 to 299 counts as success', async (t) => {
  let status = 200
  const server = await receiver(t, (_request, response) => response.writeHead(status).end('thank you'))
  for (status of [200, 202, 204, 299]) assert.equal(await send(t, server.url), null)
  const [first] = server.heard
  assert.ok(first !== undefined)
  assert.equal(first.body, call.body)
  assert.equal(first.headers['webhook-id'], 'i1:1')
  assert.equal(first.headers['content-type'], 'application/json; charset=utf-8')
  const signature = String(first.headers['webhook-signature'])
  const seconds = Number(first.headers['webhook-timestamp'])
  assert.ok(Math.abs(Date.now() / 1_000 - seconds) < 60)
  assert.equal(signature, signatureOf(call.secret, call.id, seconds, first.body))
  for (status of [300, 400, 404, 410, 500, 503]) assert.equal(await send(t, server.url), `status:${status}`)
})

test('[S8] a signature depends on secret, body and time', () => {
  // From the documentation of Svix, whose form became Standard Webhooks.
  const [secret, id, seconds, body] = [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  ] as const
  const header = signatureOf(secret, id, seconds, body)
  assert.equal(header, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  for (const other of [
    signatureOf('whsec_AAAA', id, seconds, body),
    signatureOf(secret, 'another', seconds, body),
    signatureOf(secret, id, seconds + 1, body),
    signatureOf(secret, id, seconds, `${body} `),
  ])
    assert.notEqual(other, header)
})

test('[S8] private targets are refused by address and by name before a byte is sent', async (t) => {
  const server = await receiver(t, (_request, response) => response.end())
  const inner: Resolve = (_hostname, done) => done(null, [{ address: '127.0.0.1', family: 4 }])
  assert.equal(await send(t, `https://127.0.0.1:${server.port}/`, { allowPrivate: false }), 'private')
  assert.equal(await send(t, `https://inner.example.kr:${server.port}/`, { allowPrivate: false, resolve: inner }), 'private')
  assert.equal(await send(t, `http://inner.example.kr:${server.port}/`, { allowPrivate: false, resolve: inner }), 'not-https')
  assert.deepEqual(server.heard, [])
  assert.equal(await send(t, `http://inner.example.kr:${server.port}/`, { resolve: inner }), null, 'the way is there, where it is allowed')
})

test('[S8] a name is resolved once, and the call uses exactly the checked address', async (t) => {
  let looks = 0
  let connected = 0
  const url = new URL(
    await rawReceiver(t, (socket) => {
      connected++
      socket.destroy()
    }),
  )
  // A public address at the first look-up and this machine afterwards, as from a rebinding name server. The public address is unroutable from a test.
  const rebinding: Resolve = (_hostname, done) =>
    done(null, [{ address: looks++ === 0 ? '2001:4860:4860::8888' : '127.0.0.1', family: looks === 1 ? 6 : 4 }])
  const options = { allowPrivate: false, resolve: rebinding, clock: hasty }
  const fault = await send(t, `https://rebinding.example.kr:${url.port}/`, options)
  assert.match(String(fault), /^(?:network:|slow)/)
  assert.equal(looks, 1)
  assert.equal(await send(t, `https://rebinding.example.kr:${url.port}/`, options), 'private')
  assert.equal(connected, 0)
})

test('[S8] a redirect is a failure and is not followed', async (t) => {
  const inner = await receiver(t, (_request, response) => response.end())
  const server = await receiver(t, (_request, response) => response.writeHead(307, { location: inner.url }).end())
  assert.equal(await send(t, server.url), 'status:307')
  assert.deepEqual(inner.heard, [])
})

test('[O1] a silent receiver, a very slow one, and endless headers are aborted in time', async (t) => {
  const mute = await rawReceiver(t, () => undefined)
  const slow = await rawReceiver(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
    const timer = setInterval(() => socket.write('.'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const headers = await rawReceiver(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write(`x-more: ${'y'.repeat(1_000)}\r\n`), 1)
    socket.on('close', () => clearInterval(timer))
  })
  const hints = await rawReceiver(t, (socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'), 5)
    socket.on('close', () => clearInterval(timer))
  })
  const startedAt = performance.now()
  const faults = await Promise.all([mute, slow, headers, hints].map((url) => send(t, url, { clock: hasty })))
  assert.deepEqual(faults, ['slow', 'slow', 'headers', 'slow'])
  assert.ok(performance.now() - startedAt < WEBHOOK_CALL_BOUNDS.callMs / 2)
})

test('[O1] only 64 KiB of a huge answer are read', async (t) => {
  let written = 0
  const server = await receiver(t, (_request, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(65_536)
    const more = (): void => {
      while (!response.destroyed && written < 200 * chunk.length) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
    }
    more()
  })
  assert.equal(await send(t, server.url), null, 'it was taken, however much is said about it')
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.ok(written < 100 * 65_536, `${written} bytes were taken off the receiver`)
})

test('[S8] a receiver that hangs up, is missing, or sends nonsense gives a named failure', async (t) => {
  const rude = await rawReceiver(t, (socket) => socket.destroy())
  const nonsense = await rawReceiver(t, (socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'))
  assert.match(String(await send(t, rude)), /^network:ECONNRESET$/)
  assert.match(String(await send(t, nonsense)), /^network:HPE_/)
  const gone = await receiver(t, () => undefined)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  assert.equal(await send(t, gone.url.replace(String(gone.port), String(port))), 'network:ECONNREFUSED')
})
