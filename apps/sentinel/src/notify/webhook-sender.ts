import { createHmac } from 'node:crypto'
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Clock } from '../clock.ts'
import { guardedLookup, isPublicAddress, PrivateTarget, readWebhookUrl, type Resolve } from './webhook-target.ts'

export const WEBHOOK_CALL_BOUNDS = {
  /** Limit from the name look-up to the end of the answer. */
  callMs: 5_000,
  /** Most bytes of an answer that are read. They are discarded. */
  answerBytesMax: 65_536,
  headerBytesMax: 16_384,
} as const

/** Why a call failed; null on success. A code for display: `status:500`, `slow`, `private`, `headers`, `network:ECONNREFUSED`. */
export type CallFault = string | null

export interface WebhookSender {
  /** @param id names the news; the same at each try. */
  send(call: { readonly url: string; readonly body: string; readonly secret: string; readonly id: string }): Promise<CallFault>
  close(): void
}

export interface WebhookSenderSettings {
  readonly allowPrivate: boolean
  readonly clock: Clock
  /** Resolves names; the system's resolver when left out. */
  readonly resolve?: Resolve
}

export function createWebhookSender({ allowPrivate, clock, resolve }: WebhookSenderSettings): WebhookSender {
  const lookup = guardedLookup(allowPrivate, resolve)
  const running = new Set<ClientRequest>()

  return {
    send({ url, body, secret, id }) {
      // Checked again: the rules may have changed since the address was added.
      const read = readWebhookUrl(url, allowPrivate)
      if ('fault' in read) return Promise.resolve(read.fault)
      const target = new URL(read.url)
      const seconds = Math.floor(clock.now() / 1_000)
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'bongsu-sentinel',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': signatureOf(secret, id, seconds, body),
      }
      const { headerBytesMax, callMs } = WEBHOOK_CALL_BOUNDS
      return new Promise<CallFault>((settle) => {
        // `agent: false`: a new connection each time, so that each one is checked.
        const options = { method: 'POST', agent: false, lookup, headers, maxHeaderSize: headerBytesMax } as const
        const request = target.protocol === 'http:' ? requestHttp(target, options) : requestHttps(target, options)
        running.add(request)
        const end = (fault: CallFault): void => {
          stop()
          running.delete(request)
          request.destroy()
          settle(fault)
        }
        const stop = clock.after(callMs, () => end('slow'))
        request.on('socket', (socket) => {
          socket.once('connect', () => {
            // A second check: this is the address that the connection really uses.
            if (!allowPrivate && !isPublicAddress(socket.remoteAddress ?? '')) end('private')
          })
        })
        request.on('error', (error) => end(faultOf(error)))
        request.on('response', (response) => drain(response, end))
        request.end(body)
      })
    },
    close() {
      for (const request of running) request.destroy(new Error('closed'))
    },
  }
}

/** Redirects are not followed, because their target was not checked. They count as failures, as at Statuspage. */
function drain(response: IncomingMessage, end: (fault: CallFault) => void): void {
  const status = response.statusCode ?? 0
  const fault = status >= 200 && status < 300 ? null : `status:${status}`
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > WEBHOOK_CALL_BOUNDS.answerBytesMax) end(fault)
  })
  response.on('end', () => end(fault))
  // The receiver has answered. A later connection error changes nothing.
  response.on('error', () => end(fault))
}

function faultOf(error: Error): string {
  if (error instanceof PrivateTarget) return 'private'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers' : `network:${code}`
}

/**
 * As Standard Webhooks 1.0.0 say: `v1,` and the base64 HMAC-SHA256 of "id.seconds.body". The key is the base64 after `whsec_`. The time is signed too,
 * so that an old call cannot be replayed. https://github.com/standard-webhooks/standard-webhooks
 */
export function signatureOf(secret: string, id: string, unixSeconds: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${unixSeconds}.${body}`).digest('base64')}`
}
