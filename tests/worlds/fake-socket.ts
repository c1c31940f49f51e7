import type { DownFrame, DownFrameOf, DownType } from '@bongsu/protocol'
import type { GatewaySocket } from '../../apps/server/src/gateway/socket.ts'

/** A socket made of an array. Takes everything at once until `stalled` is set; then bytes wait until `drain`. */
export interface FakeSocket extends GatewaySocket {
  readonly frames: DownFrame[]
  stalled: boolean
  /** The code it was closed with by the server. */
  readonly closedWith: number | null
  readonly pings: number
  readonly pongs: number
  /** Reading is paused; what a test says meanwhile has been read before. */
  readonly paused: boolean
  /** Bytes that were ever waiting at a time, at most. */
  readonly bufferedMax: number
  readonly waitingForDrain: number
  drain(): void
  of<T extends DownType>(type: T): DownFrameOf<T>[]
  last(): DownFrame | undefined
}

export function createFakeSocket(
  options: { readonly address?: string; readonly onFrame?: (frame: DownFrame) => void; readonly onClose?: () => void } = {},
): FakeSocket {
  const frames: DownFrame[] = []
  const waiting: (() => void)[] = []
  let buffered = 0
  let bufferedMax = 0
  let closedWith: number | null = null
  let pings = 0
  let pongs = 0
  let paused = false
  const socket: FakeSocket = {
    address: options.address ?? '192.0.2.1',
    frames,
    stalled: false,
    get closedWith() {
      return closedWith
    },
    get pings() {
      return pings
    },
    get pongs() {
      return pongs
    },
    get paused() {
      return paused
    },
    get bufferedMax() {
      return bufferedMax
    },
    get waitingForDrain() {
      return waiting.length
    },
    send(bytes) {
      if (closedWith !== null) return
      if (socket.stalled) buffered += bytes.length
      bufferedMax = Math.max(bufferedMax, buffered)
      const frame = JSON.parse(bytes.toString()) as DownFrame
      frames.push(frame)
      options.onFrame?.(frame)
    },
    bufferedBytes: () => buffered,
    onDrained(run) {
      if (buffered === 0 || closedWith !== null) run()
      else waiting.push(run)
    },
    close({ code }) {
      if (closedWith !== null) return
      closedWith = code
      socket.drain()
      options.onClose?.()
    },
    ping: () => void pings++,
    pong: () => void pongs++,
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    terminate: () => socket.close({ code: 1_006 }),
    drain() {
      buffered = 0
      for (const run of waiting.splice(0)) run()
    },
    of: <T extends DownType>(type: T) => frames.filter((frame): frame is DownFrameOf<T> => frame.t === type),
    last: () => frames.at(-1),
  }
  return socket
}
