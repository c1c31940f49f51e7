import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../clock.ts'
import { createAsk } from './ask.ts'

async function serve(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer)
  let connections = 0
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections }
}

const ask = createAsk(systemClock, 'Test/1')
const BOUNDS = { timeoutMs: 2_000, bytesMax: 1_000 }

test('[S1] each request is a new connection, with its headers and body', async (t) => {
  const heard: string[] = []
  const { url, connections } = await serve(t, (request, response) => {
    let body = ''
    request.on('data', (piece: Buffer) => (body += piece.toString()))
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${request.headers['user-agent']} ${String(request.headers['x-more'])} ${body}`)
      response.writeHead(201, { 'content-type': 'text/plain' }).end('봉수')
    })
  })
  for (let index = 0; index < 3; index++)
    assert.deepEqual(await ask({ url: `${url}/x`, method: 'POST', headers: { 'x-more': 'y' }, body: { a: 1 }, ...BOUNDS }), {
      kind: 'answer',
      status: 201,
      contentType: 'text/plain',
      text: '봉수',
    })
  assert.deepEqual(
    heard,
    Array.from({ length: 3 }, () => 'POST /x Test/1 y {"a":1}'),
  )
  assert.equal(connections(), 3)
})

test('[S1] no connection, a broken one and a late answer are told apart, each in its time', async (t) => {
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/broken') request.socket.destroy()
    else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => request.socket.destroy(), 20)
    } else if (request.url === '/stuck') response.writeHead(200).write('and then')
  })
  assert.deepEqual(await ask({ url: 'http://127.0.0.1:1/', ...BOUNDS }), { kind: 'unreachable' })
  assert.deepEqual(await ask({ url: `${url}/broken`, ...BOUNDS }), { kind: 'unreachable' })
  assert.deepEqual(await ask({ url: `${url}/half`, ...BOUNDS }), { kind: 'unreachable' })
  for (const path of ['/silent', '/stuck']) {
    const begun = performance.now()
    assert.deepEqual(await ask({ url: url + path, timeoutMs: 150, bytesMax: 1_000 }), { kind: 'slow' })
    const tookMs = performance.now() - begun
    assert.ok(tookMs >= 140 && tookMs < 1_500, `${tookMs} ms`)
  }
})

test('[O1] an answer is read up to its bound after decompression', async (t) => {
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000)))
    else response.end('x'.repeat(Number(request.url?.slice(1))))
  })
  assert.equal((await ask({ url: `${url}/1000`, ...BOUNDS })).kind, 'answer')
  assert.deepEqual(await ask({ url: `${url}/1001`, ...BOUNDS }), { kind: 'too-large' })
  assert.deepEqual(await ask({ url: `${url}/packed`, ...BOUNDS }), { kind: 'too-large' })
})

test('[W4] a request with a key never follows a redirect', async (t) => {
  const paths: (string | undefined)[] = []
  const { url } = await serve(t, (request, response) => {
    paths.push(request.url)
    if (request.url === '/from') response.writeHead(302, { location: '/to' }).end()
    else response.end('there')
  })
  const stayed = await ask({ url: `${url}/from`, headers: { authorization: 'Bearer key' }, ...BOUNDS })
  assert.equal(stayed.kind === 'answer' && stayed.status, 302)
  assert.deepEqual(paths, ['/from'])
  const went = await ask({ url: `${url}/from`, follow: true, ...BOUNDS })
  assert.equal(went.kind === 'answer' && went.text, 'there')
})
