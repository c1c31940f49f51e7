import { SUBPROTOCOL, type ConversationId } from '@bongsu/protocol'
import type { DownFrame, UpFrame } from '@bongsu/protocol/schemas'
import { WebSocket } from 'ws'
import type { DevicePlan, Target } from './jobs.ts'

/** A device that is not caught up in this time after it came is one that the server has forgotten. */
export const CAUGHT_UP_MS = 60_000

/** What the load wants to hear of. */
export interface DeviceListener {
  accepted(frame: DownFrame & { t: 'accepted' }): void
  entries(frame: DownFrame & { t: 'entries' }): void
  /** A send was told to come back; left out, that is wrong. */
  told?(id: string, retryAfterMs: number): void
  /** Something that must not happen in a run: a refusal, a reset, a connection that ends. */
  wrong(what: string): void
}

/** A raw device: it speaks the protocol and keeps nothing, so that it costs the machine as little as it can. */
export interface Device {
  /** Resolves when the server has said that it has sent all that was missed. */
  readonly caughtUp: Promise<void>
  send(frame: UpFrame): void
  /** Resolves when the connection is gone. */
  close(): Promise<void>
}

export function connectDevice(target: Target, plan: DevicePlan, listener: DeviceListener): Device {
  const socket = new WebSocket(`${target.url}/v1/socket`, SUBPROTOCOL, { perMessageDeflate: false })
  const caughtUp = Promise.withResolvers<void>()
  let closing = false
  const send = (frame: UpFrame): void => socket.send(JSON.stringify(frame))

  socket.on('open', () =>
    send({ t: 'hello', token: plan.token, epoch: target.epoch, account: plan.account, cursors: plan.cursors as [ConversationId, number][] }),
  )
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as DownFrame
    if (frame.t === 'entries') listener.entries(frame)
    else if (frame.t === 'accepted') listener.accepted(frame)
    else if (frame.t === 'caught-up') caughtUp.resolve()
    else if (frame.t === 'refused' && frame.code === 'busy' && frame.id !== undefined && listener.told !== undefined)
      listener.told(frame.id, frame.retryAfterMs ?? 0)
    else if (frame.t === 'refused' || frame.t === 'reset') listener.wrong(`a device got ${JSON.stringify(frame).slice(0, 200)}`)
  })
  socket.on('error', (error) => caughtUp.reject(error))
  socket.on('close', (code) => {
    if (!closing) listener.wrong(`a connection ended with code ${code}`)
    caughtUp.reject(new Error(`the connection ended with code ${code}`))
  })
  // Whoever awaits it hears of it; a connection that breaks later has told the listener.
  caughtUp.promise.catch(() => {})
  return {
    caughtUp: caughtUp.promise,
    send,
    async close() {
      closing = true
      if (socket.readyState === socket.CLOSED) return
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve())
        socket.close(1000)
      })
    },
  }
}

/** Does `work` for each of 0 … count-1, at most `atOnce` at a time. */
export async function each(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
}
