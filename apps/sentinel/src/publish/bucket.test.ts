import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BUCKET_BOUNDS, bucketTarget } from './bucket.ts'
import { EXAMPLES, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { createRender } from './render.ts'

const render = createRender({ subscribeUrl: null, apiLanguage: 'ko' })
const never = new AbortController().signal
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

interface Kept {
  readonly body: Buffer
  readonly type: string | undefined
  readonly cache: string | undefined
}

/** A bucket that trusts nobody: it computes the signature from the request, as AWS describes version 4. */
async function bucket(t: TestContext, answer?: (request: IncomingMessage, response: ServerResponse) => boolean) {
  const kept = new Map<string, Kept>()
  const refused: string[] = []
  let [atOnce, mostAtOnce] = [0, 0]
  const server = createServer((request, response) => {
    atOnce += 1
    mostAtOnce = Math.max(mostAtOnce, atOnce)
    response.on('close', () => (atOnce -= 1))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (answer?.(request, response) === true) return
      const body = Buffer.concat(chunks)
      const fault = faultOf(request, body)
      if (fault !== null) {
        refused.push(fault)
        response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
        return
      }
      kept.set(request.url ?? '', { body, type: request.headers['content-type'], cache: request.headers['cache-control'] })
      setTimeout(() => response.writeHead(200).end(), 5)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { endpoint, kept, refused, mostAtOnce: () => mostAtOnce, end: () => server.closeAllConnections() }
}

function faultOf(request: IncomingMessage, body: Buffer): string | null {
  const header = request.headers.authorization ?? ''
  const [, key, day, region, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(header) ?? []
  if (key !== 'AKIDEXAMPLE' || day === undefined || region === undefined || signed === undefined) return `no signature: ${header}`
  const bodyHash = createHash('sha256').update(body).digest('hex')
  if (request.headers['x-amz-content-sha256'] !== bodyHash) return 'the body is not what was signed'
  for (const must of ['host', 'x-amz-content-sha256', 'x-amz-date']) if (!signed.split(';').includes(must)) return `${must} is not signed`
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const canonical = [request.method, request.url, '', headers.join(''), signed, bodyHash].join('\n')
  const at = String(request.headers['x-amz-date'])
  if (!at.startsWith(day)) return 'signed for another day'
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const hmac = (secret: string | Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest()
  const derived = [region, 's3', 'aws4_request'].reduce<Buffer>((secret, part) => hmac(secret, part), hmac(`AWS4${SECRET}`, day))
  return createHmac('sha256', derived).update(toSign).digest('hex') === signature ? null : 'the signature is wrong'
}

function target(endpoint: string, more: Partial<Parameters<typeof bucketTarget>[0]> = {}) {
  const account = { region: 'ap-northeast-2', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
  return bucketTarget({ url: `${endpoint}/status/bongsu`, ...account, ...more })
}

test('[S4] a bucket gets every file, signed, with its type and cache time', async (t) => {
  const { endpoint, kept, refused, mostAtOnce } = await bucket(t)
  const files = render(EXAMPLES.signIn(), false)
  await target(endpoint).push(files, never)
  assert.deepEqual(refused, [])
  assert.deepEqual([...kept.keys()].toSorted(), [...files.keys()].map((path) => `/status/bongsu/${path}`).toSorted())
  for (const [path, { body, type }] of files) {
    const there = kept.get(`/status/bongsu/${path}`)
    assert.deepEqual(there?.body, Buffer.from(body))
    assert.equal(there?.type, type)
    assert.equal(there?.cache, 'public, max-age=5')
  }
  assert.equal(mostAtOnce(), BUCKET_BOUNDS.atOnce)
})

test('only changed files are sent again', async (t) => {
  const { endpoint, kept } = await bucket(t)
  const to = target(endpoint)
  await to.push(render(EXAMPLES.well(), false), never)
  kept.clear()
  await to.push(render({ ...EXAMPLES.well(), madeAt: NOW + 2_000, measuredAt: NOW + 1_000 }, false), never)
  assert.deepEqual([...kept.keys()].toSorted(), ['/status/bongsu/en/index.html', '/status/bongsu/index.html', '/status/bongsu/status.json'])
})

test('a wrong secret is reported without the secret itself', async (t) => {
  const { endpoint, refused } = await bucket(t)
  const wrong = target(endpoint, { secretAccessKey: 'topsecretandwrong' })
  await assert.rejects(wrong.push(render(EXAMPLES.well(), false), never), (error: Error) => {
    assert.match(error.message, /403 .*SignatureDoesNotMatch/)
    assert.doesNotMatch(error.message, /topsecret/)
    return true
  })
  assert.ok(refused.length <= BUCKET_BOUNDS.atOnce, 'after a refusal no more is begun')
})

test('failed files are sent again, others not', async (t) => {
  let broken = true
  const seen: string[] = []
  const { endpoint, kept } = await bucket(t, (request, response) => {
    seen.push(request.url ?? '')
    if (!broken || request.url?.endsWith('/index.html') !== true) return false
    response.writeHead(503).end('slow down')
    return true
  })
  const to = target(endpoint)
  const files = render(EXAMPLES.well(), false)
  await assert.rejects(to.push(files, never), /503 slow down/)
  broken = false
  const before = new Set(kept.keys())
  seen.length = 0
  await to.push(files, never)
  assert.equal(kept.size, files.size)
  assert.ok(seen.every((url) => !before.has(url)))
})

test('a silent bucket times out, also when memory is collected meanwhile', async (t) => {
  const silent = await bucket(t, () => true)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const collecting = setInterval(collect, 20)
  t.after(() => clearInterval(collecting))
  const patience = setTimeout(() => silent.end(), 5_000)
  await assert.rejects(target(silent.endpoint, { requestMs: 200 }).push(render(EXAMPLES.well(), false), never), { name: 'TimeoutError' })
  clearTimeout(patience)
})

test('a redirect is not followed, because the signature is for one host', async (t) => {
  const other = await bucket(t)
  const { endpoint } = await bucket(t, (request, response) => {
    response.writeHead(307, { location: `${other.endpoint}${request.url}` }).end()
    return true
  })
  await assert.rejects(target(endpoint).push(render(EXAMPLES.well(), false), never))
  assert.equal(other.kept.size + other.refused.length, 0)
})
