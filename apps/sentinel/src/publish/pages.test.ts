import assert from 'node:assert/strict'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { EXAMPLES } from '../../../../tests/worlds/status-snapshots.ts'
import { encodingFor } from './hot-files.ts'
import { createPages, PAGES_BOUNDS, type Pages } from './pages.ts'
import { createRender } from './render.ts'

const files = createRender({ subscribeUrl: '/subscribe', apiLanguage: 'ko' })(EXAMPLES.well(), false)

interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends the request exactly as given, and returns the answer unchanged. */
async function serve(t: TestContext, add?: (pages: Pages) => void, secure = false) {
  const failures: unknown[] = []
  const pages = createPages({ failed: (cause) => void failures.push(cause), secure })
  add?.(pages)
  pages.show(files)
  await pages.app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => pages.app.close())
  const { port } = pages.server.address() as AddressInfo
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', sent?: string): Promise<Got> =>
    new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }))
      })
      asking.on('error', reject)
      asking.end(sent)
    })
  return { ask, port, pages, failures }
}

test('[S4] every file is served at its address, compressed as the reader accepts', async (t) => {
  const { ask } = await serve(t)
  for (const [path, { body, type }] of files) {
    const plain = await ask(`/${path}`)
    assert.equal(plain.status, 200, path)
    assert.equal(plain.headers['content-type'], type)
    assert.deepEqual(plain.body, Buffer.from(body))
  }
  const [index] = [files.get('index.html')?.body ?? assert.fail()]
  const [br, gzip] = [await ask('/', { 'accept-encoding': 'gzip, deflate, br' }), await ask('/', { 'accept-encoding': 'gzip' })]
  assert.equal(br.headers['content-encoding'], 'br')
  assert.deepEqual(brotliDecompressSync(br.body), Buffer.from(index))
  assert.equal(gzip.headers['content-encoding'], 'gzip')
  assert.deepEqual(gunzipSync(gzip.body), Buffer.from(index))
  for (const path of ['/', '/index.html?x=1', '/history', '/uptime', '/en/', '/en/history']) assert.equal((await ask(path)).status, 200, path)
  const moved = await ask('/en')
  assert.equal(moved.status, 301)
  assert.equal(new URL(moved.headers.location ?? '', 'http://x/en').pathname, '/en/')
})

test('a reader with the current version gets "not modified", for each compression', async (t) => {
  const { ask, pages } = await serve(t)
  const { headers } = await ask('/', { 'accept-encoding': 'br' })
  assert.equal(headers['cache-control'], 'public, max-age=5')
  assert.equal(headers.vary, 'accept-encoding')
  const etag = headers.etag ?? assert.fail()
  for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask('/', { 'accept-encoding': 'br', 'if-none-match': sent })
    assert.equal(again.status, 304, sent)
    assert.equal(again.body.length, 0)
    assert.equal(again.headers.etag, etag)
  }
  assert.equal((await ask('/', { 'if-none-match': etag })).status, 200, 'another packing is another body')
  pages.show(createRender({ subscribeUrl: null, apiLanguage: 'ko' })(EXAMPLES.outage(), false))
  assert.equal((await ask('/', { 'accept-encoding': 'br', 'if-none-match': etag })).status, 200)
})

test('[F7] a word in a request for status.json is heard, and the answer is the same', async (t) => {
  const { ask, pages } = await serve(t)
  const heard: [string, string | undefined][] = []
  pages.onWord((query, { socket }) => heard.push([query, socket.remoteAddress]))
  const plain = await ask('/status.json')
  for (const path of ['/status.json?live=1&device=x', '/?live=1', '/status.json.?live=1', '/api/v2/status.json?live=1']) await ask(path)
  assert.deepEqual(heard, [['live=1&device=x', '127.0.0.1']])
  const { status, headers, body } = await ask('/status.json?live=0')
  assert.deepEqual([status, headers.etag, String(body)], [200, plain.headers.etag, String(plain.body)])
})

test('pages may load nothing from elsewhere; documents for programs are readable from any origin', async (t) => {
  const { ask } = await serve(t)
  for (const path of ['/', '/status.json', '/nothing', '/api/v2/nothing.json']) {
    const { headers } = await ask(path)
    assert.match(String(headers['content-security-policy']), /default-src 'none';script-src 'self';style-src 'self'/)
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['strict-transport-security'], undefined)
  }
  for (const path of ['/status.json', '/api/v2/summary.json', '/history.atom', '/history.rss', '/api/v2/nothing.json'])
    assert.equal((await ask(path)).headers['access-control-allow-origin'], '*', path)
  for (const path of ['/', '/status.js', '/nothing']) assert.equal((await ask(path)).headers['access-control-allow-origin'], undefined, path)
  const secure = await serve(t, undefined, true)
  assert.equal((await secure.ask('/')).headers['strict-transport-security'], 'max-age=31536000')
  assert.equal((await secure.ask('/api/nothing')).headers['strict-transport-security'], 'max-age=31536000')
})

test('a form may be sent to the public address from a page opened at another address', async (t) => {
  const pages = createPages({ failed: () => undefined, secure: false, origin: 'https://status.example.kr' })
  pages.show(files)
  t.after(() => pages.app.close())
  await pages.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = pages.server.address() as AddressInfo
  for (const path of ['', 'nothing']) {
    const { headers } = await fetch(`http://127.0.0.1:${port}/${path}`)
    assert.match(headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/status\.example\.kr;/)
  }
})

test('only reading is possible, and an unknown address is answered in the reader’s language', async (t) => {
  const { ask } = await serve(t)
  const head = await ask('/', {}, 'HEAD')
  assert.equal(head.status, 200)
  assert.equal(head.body.length, 0)
  assert.equal(head.headers['content-length'], String(files.get('index.html')?.body.byteLength))
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await ask('/index.html', {}, method)
    assert.equal(status, 405, method)
    assert.equal(headers.allow, 'GET, HEAD')
  }
  const korean = await ask('/incidents/nothing.html')
  assert.equal(korean.status, 404)
  assert.match(korean.body.toString(), /그런 페이지는 없습니다[\s\S]*href="\/index\.html"/)
  assert.match((await ask('/en/nothing')).body.toString(), /This page does not exist/)
  assert.deepEqual(JSON.parse((await ask('/api/v2/nothing.json')).body.toString()), { error: 'not found' })
  for (const path of ['/..%2f..%2fetc/passwd', '/%', '/__proto__', '/constructor', '//x', `/${'x'.repeat(5_000)}`])
    assert.equal((await ask(path)).status, 404, path)
})

test('routes of other parts have the same policy as the pages and are never cached', async (t) => {
  const { ask, failures } = await serve(t, ({ app }) => {
    app.get('/operator', (_request, reply) => reply.type('text/html').send('<p>in</p>'))
    app.post('/v1/observations', (asked, reply) => reply.send(asked.body))
    app.get('/broken', () => {
      throw new Error('what only we may read')
    })
  })
  const operator = await ask('/operator')
  assert.equal(operator.body.toString(), '<p>in</p>')
  assert.match(String(operator.headers['content-security-policy']), /default-src 'none';script-src 'self'/)
  assert.equal(operator.headers['cache-control'], 'no-store')
  const json = { 'content-type': 'application/json' }
  assert.equal((await ask('/v1/observations', json, 'POST', '{"a":1}')).body.toString(), '{"a":1}')
  const large = `"${'x'.repeat(PAGES_BOUNDS.bodyBytesMax)}"`
  assert.equal(
    (await ask('/v1/observations', { ...json, 'content-length': String(large.length) }, 'POST', large).catch(() => ({ status: 413 }))).status,
    413,
  )
  const broken = await ask('/broken')
  assert.equal(broken.status, 500)
  assert.doesNotMatch(broken.body.toString(), /only we/)
  assert.equal(failures.length, 1)
})

test('[S2] each answer first checks the age of the page; when the check fails, the page is still served', async (t) => {
  let looked = 0
  const { ask, failures } = await serve(t, (pages) =>
    pages.beforeAnswer(() => {
      looked += 1
      throw new Error('cannot be made anew')
    }),
  )
  assert.equal((await ask('/')).status, 200)
  assert.equal(looked, 1)
  assert.equal(failures.length, 1)
})

test('a connection without HTTP is closed and harms nobody else', async (t) => {
  const { ask, port } = await serve(t)
  for (const bytes of [
    '\u0016\u0003\u0001garbage\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    `GET / HTTP/1.1\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`,
  ]) {
    const text = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      socket.on('data', (chunk) => (heard += String(chunk)))
      socket.on('error', () => resolve(heard))
      socket.on('close', () => resolve(heard))
    })
    assert.match(text, /^HTTP\/1\.1 4\d\d /)
  }
  assert.equal((await ask('/')).status, 200)
})

test('the compression is the best one that the reader accepts', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0,gzip;q=0', 'identity'],
    ['br;q=0.5', 'br'],
    ['x-brotli, brr', 'identity'],
    ['gzip;q=1.0', 'gzip'],
  ]
  for (const [accepted, encoding] of cases) assert.equal(encodingFor(accepted), encoding, String(accepted))
})
