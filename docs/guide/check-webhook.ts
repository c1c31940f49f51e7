import { createHmac, timingSafeEqual } from 'node:crypto'

/** @param header x-bongsu-signature. @param body the raw body, before any parsing. @param nowSeconds the receiver's clock. */
export function isFromOurSentinel(secret: string, header: string, body: string, nowSeconds: number): boolean {
  const [, time = '', given = ''] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  const right = createHmac('sha256', secret).update(`${time}.${body}`).digest()
  return timingSafeEqual(Buffer.from(given.padEnd(64, '0'), 'hex'), right) && Math.abs(nowSeconds - Number(time)) <= 300
}
