import { CLOSE_CODES, type DownFrame, type DownFrameOf, type UpFrame } from '@bongsu/protocol'
import { baseMs, directedMsMax, waitMsAfter } from './back-off.ts'
import { decodeDown } from './decode-down.ts'
import type { Connection } from './connection.ts'
import type { Clock, OpenSocket, Random, Socket } from './ports.ts'

/** From opening the socket to the welcome. */
export const helloMs = 10_000
/**
 * From coming to the front to knowing that the connection lives [C4]. What is left of the 5 s is for noticing, connecting anew, and what was
 * missed. Longer than a server holds a hello: whoever is next in its queue does not give the connection up [O3].
 */
export const pongMs = 3_000
/** How many heartbeats may be missed, in heartbeats. */
export const silentBeats = 1.5

export interface SessionEvents {
  /** The first frame of a new connection. @param plain as version 1 had it, for a server that knows no features [W3]. */
  hello(plain: boolean): Extract<UpFrame, { t: 'hello' }>
  /** Every frame but pong and drain, welcome first. */
  frame(frame: DownFrame): void
  /** The connection changed; told before the frame that changed it. */
  changed(connection: Connection): void
}

/** One connection at a time, made again whenever it breaks, until `stop` or until the server says that coming back is no use. */
export interface Session {
  readonly connection: () => Connection
  /** True between welcome and the end of a connection. */
  readonly isOpen: () => boolean
  start(): void
  stop(): void
  /** @returns false when there is no connection: the frame is not sent and not kept. */
  send(frame: UpFrame): boolean
  /** Gives the connection up and resumes, at once or after a back-off. */
  resume(): void
  wake(): void
  networkLost(): void
  /** Over how long devices are to come back, as the server said last on this connection. */
  readonly spreadMs: () => number
  /** Frames that could not be read since the start. */
  readonly malformed: () => number
}

/** A connection being used; the one before it is not listened to any more. */
interface Live {
  socket: Socket | null
  opened: boolean
  welcome: DownFrameOf<'welcome'> | null
  /** What the server said about coming back, on this connection. */
  retryAfterMs: number | null
  drainMs: number | null
  /** As the welcome said, or the last beat. */
  spreadMs: number
  cancelWatch: () => void
  cancelPong: () => void
  ping: number | null
  /** The person waits for the welcome: it has no longer than a pong. */
  hurried: boolean
  /** The hello that was said last is that of version 1. */
  plain: boolean
}

const nothing = (): void => undefined
const normalClosure = 1_000
const broken = 1_006
/** A code no server sends: this device gave the connection up by itself. */
const ownFault = 4_099

export function createSession(options: {
  readonly openSocket: OpenSocket
  readonly clock: Clock
  readonly random: Random
  readonly events: SessionEvents
}): Session {
  const { clock, events } = options
  let connection: Connection = { state: 'offline' }
  let live: Live | null = null
  let cancelWait = nothing
  /** The wait that runs was given by the server: waking does not shorten it [O3]. */
  let directed = false
  /** When a turn comes that was given before the network went; device clock. */
  let turnAt = 0
  /** Connections in a row that did not live to their first heartbeat: a server that lets in and then fails is backed away from too. */
  let failures = 0
  let pings = 0
  let malformed = 0

  function change(next: Connection): void {
    connection = next
    events.changed(next)
  }

  function connect(): void {
    cancelWait()
    cancelWait = nothing
    turnAt = 0
    const mine: Live = {
      socket: null,
      opened: false,
      welcome: null,
      retryAfterMs: null,
      drainMs: null,
      spreadMs: 0,
      cancelWatch: clock.after(helloMs, () => end(mine, broken)),
      cancelPong: nothing,
      ping: null,
      hurried: false,
      plain: false,
    }
    live = mine
    change({ state: 'connecting' })
    if (live !== mine) return
    mine.socket = options.openSocket({
      opened() {
        if (live !== mine) return
        mine.opened = true
        mine.socket?.send(JSON.stringify(events.hello(false)))
      },
      message(text) {
        if (live === mine) receive(mine, text)
      },
      closed(code) {
        end(mine, code)
      },
    })
  }

  function receive(mine: Live, text: string): void {
    const decoded = decodeDown(text)
    if (decoded.kind === 'malformed') {
      malformed++
      end(mine, ownFault)
      return
    }
    if (mine.welcome !== null) watch(mine, mine.welcome.heartbeatMs)
    if (decoded.kind === 'unknown') return
    const { frame } = decoded
    switch (frame.t) {
      case 'welcome':
        if (mine.welcome !== null) return
        mine.welcome = frame
        mine.spreadMs = frame.reconnectSpreadMs
        watch(mine, frame.heartbeatMs)
        change({ state: 'catching-up' })
        break
      case 'pong':
        if (mine.ping !== null && frame.n >= mine.ping) {
          mine.cancelPong()
          mine.ping = null
        }
        return
      case 'drain':
        // It still serves; where to go and when matters once it closes.
        mine.drainMs = frame.spreadMs
        return
      case 'refused':
        if (mine.welcome === null) {
          refusedHello(mine, frame)
          return
        }
        break
      case 'beat':
        if (mine.welcome === null) return
        failures = 0
        mine.spreadMs = frame.reconnectSpreadMs ?? mine.spreadMs
        // A total is told only to a device that was sent everything.
        if (frame.total !== null && connection.state === 'catching-up') change({ state: 'live' })
        break
      case 'caught-up':
        if (mine.welcome === null) return
        change({ state: 'live' })
        break
      case 'account':
      case 'entries':
      case 'items':
      case 'reset':
      case 'heads':
      case 'accepted':
      case 'set-accepted':
      case 'unread':
      case 'typing':
      case 'audit':
        break
    }
    if (live === mine && mine.welcome !== null) events.frame(frame)
  }

  function refusedHello(mine: Live, frame: DownFrameOf<'refused'>): void {
    if (frame.code === 'frame-malformed' && frame.re === 'hello' && !mine.plain) {
      // A server from before there were features refuses fields that it does not know, and listens on.
      mine.plain = true
      mine.socket?.send(JSON.stringify(events.hello(true)))
    } else if (frame.code === 'unauthenticated') end(mine, CLOSE_CODES.signedOut.code)
    else if (frame.code === 'version-unsupported') end(mine, CLOSE_CODES.versionUnsupported.code)
    else {
      mine.retryAfterMs = frame.retryAfterMs ?? null
      end(mine, broken)
    }
  }

  function watch(mine: Live, heartbeatMs: number): void {
    mine.cancelWatch()
    mine.cancelWatch = clock.after(Math.ceil(heartbeatMs * silentBeats), () => end(mine, broken)) // [seam: watch-silence]
  }

  /** Forgets a connection and closes what is left of it. Whatever it still says is not heard. Only a farewell is one: the server counts the others [F2]. */
  function release(mine: Live, code: number): void {
    live = null
    mine.cancelWatch()
    mine.cancelPong()
    mine.socket?.close(code)
  }

  function end(mine: Live, code: number): void {
    if (live !== mine) return
    // The person is waiting for its answer: that it ended by itself is no reason to let them wait longer [C4].
    if (mine.ping !== null && code === broken && mine.drainMs === null) return replace(mine)
    release(mine, ownFault)
    if (code === CLOSE_CODES.versionUnsupported.code) change({ state: 'outdated' })
    else if (code >= 4_100 && code <= 4_199) change({ state: 'signed-out' })
    else {
      // What breaks for one device alone needs no spreading; what may have broken for all does.
      const shared = code < 4_000 || code === CLOSE_CODES.drain.code || code === CLOSE_CODES.unavailable.code
      const spreadMs = shared ? (mine.drainMs ?? mine.spreadMs) : 0
      directed = mine.retryAfterMs !== null
      const waitMs = waitMsAfter({ failures, spreadMs, retryAfterMs: mine.retryAfterMs }, options.random)
      failures++
      wait(waitMs)
    }
  }

  function wait(waitMs: number): void {
    cancelWait()
    cancelWait = clock.after(waitMs, connect)
    change({ state: 'waiting', retryAt: clock.now() + waitMs, directed })
  }

  /** The connection is no longer believed in; the person is waiting, so another is made at once. */
  function replace(mine: Live): void {
    if (live !== mine) return
    release(mine, ownFault)
    connect()
  }

  function stop(): void {
    cancelWait()
    cancelWait = nothing
    if (live !== null) release(live, normalClosure)
    change({ state: 'offline' })
  }

  return {
    connection: () => connection,
    isOpen: () => live !== null && live.welcome !== null,
    spreadMs: () => live?.spreadMs ?? 0,
    malformed: () => malformed,
    start() {
      if (connection.state === 'offline') connect()
    },
    stop,
    send(frame) {
      if (live === null || live.welcome === null) return false
      live.socket?.send(JSON.stringify(frame))
      return true
    },
    resume() {
      if (live !== null) end(live, ownFault)
    },
    wake() {
      const mine = live
      if (connection.state === 'waiting') {
        // Timers stand still while a machine sleeps; its clock does not, and the turn may have come meanwhile.
        if (!directed || clock.now() >= connection.retryAt) connect()
      } else if (connection.state === 'offline') {
        // The turn is the device's and not the network's [O3]. A clock that was set back does not prolong it.
        const restMs = Math.min(turnAt - clock.now(), directedMsMax + baseMs)
        if (restMs > 0) wait(restMs)
        else connect()
      } else if (mine !== null && mine.welcome === null) {
        if (mine.hurried) return
        // It may have been opening since before the sleep: it has as long as a pong.
        mine.hurried = true
        mine.cancelWatch()
        mine.cancelWatch = clock.after(pongMs, () => replace(mine))
      } else if (mine !== null && mine.ping === null) {
        mine.ping = ++pings
        mine.cancelPong = clock.after(pongMs, () => replace(mine)) // [seam: await-pong]
        mine.socket?.send(JSON.stringify({ t: 'ping', n: mine.ping } satisfies UpFrame))
      }
    },
    networkLost() {
      if (connection.state === 'signed-out' || connection.state === 'outdated') return
      if (connection.state === 'waiting') turnAt = directed ? connection.retryAt : 0
      stop()
    },
  }
}
