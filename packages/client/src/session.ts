import { CLOSE_CODES, type DownFrame, type DownFrameOf, type UpFrame } from '@bongsu/protocol'
import { baseMs, directedMsMax, waitMsAfter } from './back-off.ts'
import { decodeDown } from './decode-down.ts'
import type { Connection } from './connection.ts'
import type { Clock, OpenSocket, Random, Socket } from './ports.ts'

/** Time limit from opening the socket to the welcome. */
export const helloMs = 10_000
/**
 * Time limit for proving that the connection lives, after coming to the front [C4]. The rest of the 5 s is for noticing, connecting again, and missed
 * messages. Longer than a server silently holds a hello: a device that is next in its queue does not give the connection up [O3].
 */
export const pongMs = 3_000
/** Time between two tries with a token whose time is over by the server's clock [O8], or whose account is suspended [B55]. */
export const expiredAgainMs = 600_000
/** Wait before a device that is told `drain` opens its next connection beside this one: a server that closes at once needs no second one [O15]. */
export const besideMs = 200
/** Missed heartbeats before a connection counts as dead. */
export const silentBeats = 1.5

/** Hello with all that this device knows, without `tide`, or in the form of version 1 [W3]. */
export type HelloForm = 'whole' | 'without tide' | 'plain'

export interface SessionEvents {
  /** The first frame of a new connection. */
  hello(form: HelloForm): Extract<UpFrame, { t: 'hello' }>
  /** Every frame but pong and drain, welcome first. */
  frame(frame: DownFrame): void
  /** The connection changed. Called before the frame that changed it. */
  changed(connection: Connection): void
}

/** Close codes that say why a token was refused. */
const REASONS: ReadonlySet<number> = new Set([
  CLOSE_CODES.signedOut.code,
  CLOSE_CODES.expired.code,
  CLOSE_CODES.revoked.code,
  CLOSE_CODES.suspended.code,
])

/** One connection in use at a time, renewed whenever it breaks, until `stop` or until the server says that coming back is useless. */
export interface Session {
  readonly connection: () => Connection
  /** True between the welcome and the end of a connection. */
  readonly isOpen: () => boolean
  start(): void
  stop(): void
  /** @returns false without a connection: the frame is neither sent nor kept. */
  send(frame: UpFrame): boolean
  /** Gives the connection up and resumes, at once or after a back-off. */
  resume(): void
  wake(): void
  networkLost(): void
  /** The server's last spread for reconnecting devices on this connection. */
  readonly spreadMs: () => number
  /** Malformed frames since the start. */
  readonly malformed: () => number
}

/** The connection in use. Earlier connections are ignored. */
interface Live {
  socket: Socket | null
  opened: boolean
  welcome: DownFrameOf<'welcome'> | null
  /** The server's times for coming back, on this connection. */
  retryAfterMs: number | null
  drainMs: number | null
  /** From the welcome or the last beat. */
  spreadMs: number
  cancelWatch: () => void
  cancelBeside: () => void
  cancelPong: () => void
  ping: number | null
  /** The person waits for the welcome, or for a turn: its limit is that of a pong. */
  hurried: boolean
  /** The form of the last hello. */
  form: HelloForm
  /** The token was refused. The close code that follows says why; without one the token is kept and tried again [O8]. */
  refusedToken: boolean
}

const nothing = (): void => undefined
const normalClosure = 1_000
const broken = 1_006
/** A code no server sends: this device gave the connection up itself. */
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
  /** Opened while the live connection still serves, and in use from its welcome on [O15]. */
  let successor: Live | null = null
  let cancelWait = nothing
  /** The running wait was given by the server: waking does not shorten it [O3]. */
  let directed = false
  /** A turn given before the network was lost; device clock. */
  let turnAt = 0
  /** Connections in a row that ended before their first heartbeat: a server that admits and then fails is backed away from too. */
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
    const mine = prepare()
    live = mine
    change({ state: 'connecting' })
    if (live === mine) open(mine)
  }

  function prepare(): Live {
    const mine: Live = {
      socket: null,
      opened: false,
      welcome: null,
      retryAfterMs: null,
      drainMs: null,
      spreadMs: 0,
      cancelWatch: clock.after(helloMs, () => end(mine, broken)),
      cancelBeside: nothing,
      cancelPong: nothing,
      ping: null,
      hurried: false,
      form: 'whole',
      refusedToken: false,
    }
    return mine
  }

  function open(mine: Live): void {
    mine.socket = options.openSocket({
      opened() {
        if (live !== mine && successor !== mine) return
        mine.opened = true
        sayHello(mine, 'whole')
      },
      message(text) {
        if (successor === mine) promise(mine, text)
        else if (live === mine) receive(mine, text)
      },
      closed(code) {
        end(mine, mine.refusedToken && !REASONS.has(code) ? CLOSE_CODES.expired.code : code)
      },
    })
  }

  /** The first frame of a successor. Anything but a welcome is of no use: the live connection still serves. */
  function promise(mine: Live, text: string): void {
    const decoded = decodeDown(text)
    if (decoded.kind !== 'frame' || decoded.frame.t !== 'welcome') return dropSuccessor()
    takeOver(normalClosure)
    if (live === mine) receive(mine, text)
  }

  /** @param code tells the earlier server why its connection is closed. */
  function takeOver(code: number): void {
    const next = successor
    successor = null
    if (live !== null) release(live, code)
    live = next
    change({ state: 'connecting' })
  }

  function dropSuccessor(): void {
    const dropped = successor
    successor = null
    dropped?.cancelWatch()
    dropped?.socket?.close(ownFault)
  }

  function openBeside(mine: Live): void {
    if (live !== mine || successor !== null) return
    successor = prepare()
    open(successor)
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
      case 'turn':
        if (mine.welcome === null) takeTurn(mine, frame.inMs)
        return
      case 'drain':
        // The server still works. The time and place to come back matter once it closes.
        mine.drainMs = frame.spreadMs
        mine.cancelBeside()
        if (mine.welcome !== null) mine.cancelBeside = clock.after(besideMs + options.random.next() * frame.spreadMs, () => openBeside(mine))
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
        // The server sends a total only to a device that was sent everything.
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

  function sayHello(mine: Live, form: HelloForm): void {
    const hello = events.hello(form)
    mine.form = hello.tide !== undefined ? 'whole' : hello.features !== undefined ? 'without tide' : 'plain'
    mine.socket?.send(JSON.stringify(hello))
  }

  function refusedHello(mine: Live, frame: DownFrameOf<'refused'>): void {
    if (frame.code === 'frame-malformed' && frame.re === 'hello' && mine.form !== 'plain') {
      // An older server refuses unknown fields and keeps listening.
      sayHello(mine, mine.form === 'whole' ? 'without tide' : 'plain')
    } else if (frame.code === 'unauthenticated' || frame.code === 'suspended') {
      mine.refusedToken = true
      mine.cancelWatch()
      mine.cancelWatch = clock.after(pongMs, () => end(mine, CLOSE_CODES.expired.code))
    } else if (frame.code === 'version-unsupported') end(mine, CLOSE_CODES.versionUnsupported.code)
    else {
      mine.retryAfterMs = frame.retryAfterMs ?? null
      end(mine, broken)
    }
  }

  /** The server answers the hello later, on this connection. A person who comes to the front meanwhile makes sure that it lives [C4]. */
  function takeTurn(mine: Live, inMs: number): void {
    const waitMs = Math.min(inMs, directedMsMax)
    mine.hurried = false
    directed = true
    mine.cancelWatch()
    mine.cancelWatch = clock.after(waitMs + helloMs, () => end(mine, broken))
    change({ state: 'waiting', retryAt: clock.now() + waitMs, directed: true })
  }

  function watch(mine: Live, heartbeatMs: number): void {
    mine.cancelWatch()
    mine.cancelWatch = clock.after(Math.ceil(heartbeatMs * silentBeats), () => end(mine, broken)) // [seam: watch-silence]
  }

  /** Forgets a connection and closes it. Its later frames are ignored. Only a farewell counts as such: the server counts all others [F2]. */
  function release(mine: Live, code: number): void {
    live = null
    dropSuccessor()
    mine.cancelWatch()
    mine.cancelBeside()
    mine.cancelPong()
    mine.socket?.close(code)
  }

  function end(mine: Live, code: number): void {
    if (successor === mine) return dropSuccessor()
    if (live !== mine) return
    // A new connection is already under way. What concerns the device itself ends both.
    if (successor !== null && (code < 4_100 || code > 4_199)) return takeOver(ownFault)
    // The person is waiting for its answer. A connection that ended by itself is no reason to let them wait longer [C4].
    if (mine.ping !== null && code === broken && mine.drainMs === null) return replace(mine)
    release(mine, ownFault)
    if (code === CLOSE_CODES.versionUnsupported.code) change({ state: 'outdated' })
    else if (code >= 4_100 && code <= 4_199) {
      const suspended = code === CLOSE_CODES.suspended.code
      const expired = code === CLOSE_CODES.expired.code || suspended // [seam: expired-token]
      if (expired) cancelWait = clock.after(expiredAgainMs, connect)
      const revoked = code === CLOSE_CODES.revoked.code
      change({ state: 'signed-out', ...(expired ? { expired } : {}), ...(suspended ? { suspended } : {}), ...(revoked ? { revoked } : {}) })
    } else {
      // A break of one device alone needs no spreading. A break that may have hit all devices does.
      const shared = code < 4_000 || code === CLOSE_CODES.drain.code || code === CLOSE_CODES.unavailable.code
      const spreadMs = shared ? (mine.drainMs ?? mine.spreadMs) : 0
      directed = mine.retryAfterMs !== null
      const waitMs = waitMsAfter({ failures, spreadMs, movedMs: mine.drainMs, retryAfterMs: mine.retryAfterMs }, options.random)
      failures++
      wait(waitMs)
    }
  }

  function wait(waitMs: number): void {
    cancelWait()
    cancelWait = clock.after(waitMs, connect)
    change({ state: 'waiting', retryAt: clock.now() + waitMs, directed })
  }

  /** The connection is given up. The person is waiting, so another one is opened at once. */
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
      if (mine !== null && mine.welcome === null) {
        if (mine.hurried) return
        // It may have been connecting since before the sleep: it gets the time of a pong.
        mine.hurried = true
        mine.cancelWatch()
        mine.cancelWatch = clock.after(pongMs, () => replace(mine))
      } else if (connection.state === 'signed-out') {
        // The suspension may have been lifted.
        if (connection.suspended === true) connect()
      } else if (connection.state === 'waiting') {
        // Timers stop while a machine sleeps; its clock does not, and the turn may have come meanwhile.
        if (!directed || clock.now() >= connection.retryAt) connect()
      } else if (connection.state === 'offline') {
        // The turn belongs to the device and not to the network [O3]. A clock that was set back does not prolong it.
        const restMs = Math.min(turnAt - clock.now(), directedMsMax + baseMs)
        if (restMs > 0) wait(restMs)
        else connect()
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
