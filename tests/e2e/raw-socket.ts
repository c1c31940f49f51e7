import { setTimeout as pause } from 'node:timers/promises'
import { SUBPROTOCOL, type DownFrame, type DownFrameOf, type DownType, type UpFrame } from '@bongsu/protocol'
import { WebSocket } from 'ws'
import { waitFor } from './wait-for.ts'

/** A socket without manners: sends whatever it is given. For what the client package would never say. */
export interface RawSocket {
  readonly socket: WebSocket
  /** All frames so far. */
  readonly frames: readonly DownFrame[]
  /** The close code once it is closed, else null. */
  readonly closeCode: number | null
  say(frame: UpFrame): void
  /** Any text or bytes, as a text frame unless `binary`. */
  sendRaw(data: string | Buffer, binary?: boolean): void
  /** The first frame of the type from place `after` on for which `fits`. */
  next<T extends DownType>(type: T, fits?: (frame: DownFrameOf<T>) => boolean, after?: number): Promise<DownFrameOf<T>>
  closed(withinMs?: number): Promise<number>
}

/** Connects; says hello with the token unless it is null. */
export async function openRaw(t: { after(run: () => void): void }, url: string, token: string | null): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, SUBPROTOCOL)
  const frames: DownFrame[] = []
  let closeCode: number | null = null
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as DownFrame))
  socket.on('close', (code) => (closeCode = code))
  // Reset by the server after a frame that was too large: 'close' follows.
  socket.on('error', () => undefined)
  t.after(() => socket.terminate())
  await waitFor('a socket to open', () => socket.readyState === WebSocket.OPEN)

  const raw: RawSocket = {
    socket,
    frames,
    get closeCode() {
      return closeCode
    },
    say: (frame) => socket.send(JSON.stringify(frame)),
    sendRaw: (data, binary = false) => socket.send(data, { binary }),
    async next(type, fits = () => true, after = 0) {
      const found = await waitFor(
        () => `the frame ${type}; there came ${JSON.stringify(frames.slice(after)).slice(0, 500)}, close code ${closeCode}`,
        () => frames.slice(after).find((frame) => frame.t === type && fits(frame as DownFrameOf<typeof type>)),
      )
      return found as DownFrameOf<typeof type>
    },
    closed: (withinMs = 10_000) => waitFor('the connection to be closed', () => closeCode, { withinMs }),
  }
  if (token === null) return raw
  raw.say({ t: 'hello', token, epoch: null, account: 0, cursors: [] })
  const [answer] = await waitFor('an answer to hello', () => (frames.length > 0 || closeCode !== null ? frames : null))
  // One device that says hello again and again is given turns, which it keeps like any other [O3].
  if (answer?.t === 'refused' && answer.code === 'busy') {
    await pause(answer.retryAfterMs ?? 1_000)
    return openRaw(t, url, token)
  }
  return raw
}
