import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { CACHE_CONTROL } from './bucket.ts'
import type { Files, PublishedFile } from './render.ts'

type Encoding = 'br' | 'gzip' | 'identity'

interface Variant {
  readonly body: Uint8Array
  readonly etag: string
  readonly headers: Readonly<Record<string, string | number>>
}

type HotFile = Readonly<Record<Encoding, Variant>>

/** Smaller bodies do not gain from compression. */
const PACK_BYTES_MIN = 512

/** Documents read by scripts of other origins: the messenger's banner, and programs written for Statuspage. */
const FOR_PROGRAMS = /\.(?:json|atom|rss)$/

/**
 * The published files ready to send. A file is compressed once when it changes, not once for each reader.
 * @param security headers of every answer.
 */
export function createHotFiles(security: Readonly<Record<string, string>>) {
  let hot = new Map<string, HotFile>()
  // By path and hash: an unchanged file is not compressed again.
  let packed = new Map<string, HotFile>()

  return {
    replace(files: Files): void {
      const [next, kept] = [new Map<string, HotFile>(), new Map<string, HotFile>()]
      for (const [path, file] of files) {
        const key = `${path} ${file.hash}`
        const ready = packed.get(key) ?? packOf(path, file, security)
        kept.set(key, ready)
        for (const address of addressesOf(path)) next.set(address, ready)
      }
      hot = next
      packed = kept
    },
    /** Answers a request for a published file. @returns false when the address is no published file. */
    answer(request: IncomingMessage, response: ServerResponse): boolean {
      const path = pathOf(request)
      const file = hot.get(path)
      if (file === undefined) {
        if (!hot.has(`${path}/`)) return false
        // Links of a page are relative to its folder: at /en they would lead one level too high.
        response.writeHead(301, { ...security, location: `.${path.slice(path.lastIndexOf('/'))}/` }).end()
        return true
      }
      if (request.method === 'GET' || request.method === 'HEAD') send(request, response, file, 200)
      else response.writeHead(405, { ...security, allow: 'GET, HEAD', 'content-length': 0 }).end()
      return true
    },
    answerMissing(request: IncomingMessage, response: ServerResponse): void {
      const path = pathOf(request)
      const file = hot.get(path.startsWith('/en/') ? '/en/404.html' : '/404.html')
      if (path.startsWith('/api/') || file === undefined) {
        const body = '{"error":"not found"}'
        const headers = { 'content-type': 'application/json; charset=utf-8', 'access-control-allow-origin': '*', 'content-length': body.length }
        response.writeHead(404, { ...security, ...headers }).end(request.method === 'HEAD' ? undefined : body)
      } else send(request, response, file, 404)
    },
  }
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/'
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** The addresses of a file. A page can also be requested without its extension, as at Statuspage: /history. */
function addressesOf(path: string): readonly string[] {
  if (!path.endsWith('.html')) return [`/${path}`]
  const short = `/${path.slice(0, -'.html'.length)}`
  return short.endsWith('/index') ? [`/${path}`, short.slice(0, -'index'.length)] : [`/${path}`, short]
}

function packOf(path: string, { body, type, hash }: PublishedFile, security: Readonly<Record<string, string>>): HotFile {
  const common: Readonly<Record<string, string | number>> = {
    ...security,
    'content-type': type,
    // A confirmation that somebody kept would confirm an old page. The parts of the typeface never change.
    'cache-control': path.startsWith('live-') ? 'no-store' : path.startsWith('font/') ? 'public, max-age=31536000, immutable' : CACHE_CONTROL,
    vary: 'accept-encoding',
    ...(FOR_PROGRAMS.test(path)
      ? { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
      : { 'cross-origin-resource-policy': 'same-origin' }),
  }
  const variant = (encoding: Encoding, bytes: Uint8Array): Variant => {
    const etag = `"${hash.slice(0, 24)}${encoding === 'identity' ? '' : `-${encoding}`}"`
    const packing = encoding === 'identity' ? {} : { 'content-encoding': encoding }
    return { body: bytes, etag, headers: { ...common, ...packing, etag, 'content-length': bytes.byteLength } }
  }
  const identity = variant('identity', body)
  if (body.byteLength < PACK_BYTES_MIN || type === 'font/woff2') return { identity, gzip: identity, br: identity }
  return {
    identity,
    gzip: variant('gzip', gzipSync(body, { level: 6 })),
    // Half of the highest quality: a tenth of the time for nearly the same size, at worst several times a second.
    br: variant(
      'br',
      brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.byteLength } }),
    ),
  }
}

function send(request: IncomingMessage, response: ServerResponse, file: HotFile, status: 200 | 404): void {
  const variant = file[encodingFor(request.headers['accept-encoding'])]
  if (status === 200 && isKnown(request.headers['if-none-match'], variant.etag)) {
    const { 'content-length': _length, 'content-type': _type, 'content-encoding': _encoding, ...headers } = variant.headers
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(status, variant.headers)
  if (request.method === 'HEAD') response.end()
  else response.end(variant.body)
}

/** The best compression that the reader accepts. */
export function encodingFor(accepted: string | undefined): Encoding {
  if (accepted === undefined) return 'identity'
  const refused = (name: string): boolean => new RegExp(`(?:^|[,\\s])${name}\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$)`).test(accepted)
  for (const encoding of ['br', 'gzip'] as const) {
    if (new RegExp(`(?:^|[,\\s])${encoding}(?:[,;\\s]|$)`).test(accepted) && !refused(encoding)) return encoding
  }
  return 'identity'
}

function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}
