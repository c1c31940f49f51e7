import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SUBPROTOCOL, type ConversationId, type DownFrame } from '@bongsu/protocol'
import { WebSocket } from 'ws'

export interface RudeDevice {
  /** @returns the time until it was accepted, in ms; -1 when it was refused or not answered. */
  send(conversationId: ConversationId, text: string, withinMs?: number): Promise<number>
  say(frame: object): void
  bytes(): number
  end(): void
}

/** A device without manners. */
export async function openDevice(url: string, token: string): Promise<RudeDevice> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, SUBPROTOCOL)
  const waiting = new Map<string, (isAccepted: boolean) => void>()
  let bytes = 0
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const caughtUp = new Promise<void>((resolve, reject) => {
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)))
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      bytes += data.length
      const frame = JSON.parse(data.toString()) as DownFrame
      if (frame.t === 'caught-up') resolve()
      if (frame.t === 'accepted' || (frame.t === 'refused' && frame.id !== undefined)) waiting.get(frame.id as string)?.(frame.t === 'accepted')
    })
  })
  caughtUp.catch(() => undefined)
  socket.send(JSON.stringify({ t: 'hello', token, epoch: null, account: 0, cursors: [] }))
  await caughtUp
  return {
    async send(conversationId, text, withinMs = 10_000) {
      const id = randomUUID()
      const startedAt = performance.now()
      const answered = new Promise<boolean>((resolve) => waiting.set(id, resolve))
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ t: 'send', id, conversationId, body: { kind: 'text', text } }))
      const isAccepted = await Promise.race([answered, sleep(withinMs, false, { ref: false })])
      waiting.delete(id)
      return isAccepted ? performance.now() - startedAt : -1
    },
    say: (frame) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame)),
    bytes: () => bytes,
    end: () => socket.terminate(),
  }
}
