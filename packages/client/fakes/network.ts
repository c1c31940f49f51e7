import type { AccountId, DownFrame, UpFrame } from '@bongsu/protocol'
import type { OpenSocket, SocketEvents } from '../src/ports.ts'
import type { FakeClock } from './clock.ts'
import type { FakeServer } from './server.ts'

type Link = NonNullable<ReturnType<FakeServer['open']>>

/** One connection, as seen by the test. */
export interface FakeLine {
  readonly events: SocketEvents
  /** The frames sent by the device. */
  readonly up: UpFrame[]
  link: Link | null
  /** Ends the connection in both directions. The device is told unless it closed the connection itself. */
  cut(code: number): void
  /** The connection stays open and carries nothing more, as in a tunnel. */
  dead: boolean
  readonly closedByDevice: () => number | null
}

export interface FakeNetwork {
  readonly openSocket: OpenSocket
  readonly lines: FakeLine[]
  readonly line: () => FakeLine
  /** Delay of a frame in ms. Frames of one direction keep their order. */
  delayMs: () => number
  /** False: connections fail. */
  reachable: boolean
  /** Called with each frame that reaches the server. Returns false when the test handled it itself. */
  onUp: (frame: UpFrame, line: FakeLine) => boolean
  /** Called with each frame on its way to the device. Returns false when it is lost. */
  onDown: (frame: DownFrame, line: FakeLine) => boolean
}

/** A network between one device and a server, with faults chosen by the test. */
export function createFakeNetwork(clock: FakeClock, server: FakeServer, accountId: AccountId): FakeNetwork {
  const network: FakeNetwork = {
    lines: [],
    line: () => network.lines.at(-1) as FakeLine,
    delayMs: () => 1,
    reachable: true,
    onUp: () => true,
    onDown: () => true,
    openSocket(events) {
      let open = true
      let closedWith: number | null = null
      let upAt = 0
      let downAt = 0
      const line: FakeLine = {
        events,
        up: [],
        link: null,
        dead: false,
        closedByDevice: () => closedWith,
        cut(code) {
          if (!open) return
          hangUp()
          clock.after(0, () => events.closed(code))
        },
      }
      network.lines.push(line)

      function hangUp(): void {
        open = false
        if (line.link !== null) server.close(line.link)
      }

      function down(frame: DownFrame): void {
        if (!network.onDown(frame, line)) return
        downAt = Math.max(downAt, clock.now() + network.delayMs())
        // As text, so that the two sides share no objects.
        const text = JSON.stringify(frame)
        clock.after(downAt - clock.now(), () => {
          if (open && !line.dead) events.message(text)
        })
      }

      function arrive(frame: UpFrame): void {
        if (!open || line.dead || !network.onUp(frame, line)) return
        if (frame.t === 'hello') line.link ??= server.open(frame, accountId, down)
        else if (line.link !== null) server.receive(line.link, frame)
      }

      clock.after(network.delayMs(), () => {
        if (!open || line.dead) return
        if (network.reachable) events.opened()
        else line.cut(1_006)
      })
      return {
        send(text) {
          const frame = JSON.parse(text) as UpFrame
          line.up.push(frame)
          upAt = Math.max(upAt, clock.now() + network.delayMs())
          clock.after(upAt - clock.now(), () => arrive(frame))
        },
        close(code) {
          closedWith ??= code
          if (open) hangUp()
        },
      }
    },
  }
  return network
}
