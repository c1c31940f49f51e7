import { createHmac, timingSafeEqual } from 'node:crypto'

/** Or use any library for Standard Webhooks. @param body the raw body, before any parsing. @param nowSeconds the receiver's clock. */
export function isFromOurSentinel(secret: string, headers: Readonly<Record<string, string>>, body: string, nowSeconds: number): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': given = '' } = headers
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const right = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`)
  const told = Buffer.from(given)
  return told.length === right.length && timingSafeEqual(told, right) && Math.abs(nowSeconds - Number(time)) <= 300
}
