import type { Observation, Profile, Stage } from '../vocabulary/observation.ts'
import type { CanaryDevice, OpenCanaryDevice, Standing } from './canary-device.ts'
import type { CanaryAccount } from './credentials-file.ts'
import { createLedger, remembered, type Misplaced } from './ledger.ts'
import type { ProbeParts } from './ports.ts'
import type { Stalls } from './stalls.ts'
import type { Try } from './try.ts'

/** Time limits of one message, each from the start of its try. */
export const MESSAGE_MS = {
  /** A message not accepted by then has failed. */
  accepted: 3_000,
  /** A message not delivered by then has failed. */
  delivered: 5_000,
  /** An accepted message that has not arrived by then is lost. */
  lost: 60_000,
  /** How long after delivery the read mark is awaited. Without it the try is reported as it is. */
  read: 1_500,
} as const
/** Most open tries of a pair; beyond it none is started. Slightly more than the alarmed rate can start within the time of one try. */
export const openTriesMax = 24
/** Silence of a connection after which it is checked during an alarm: what is late by 5 s in each direction has come by then. */
export const quietMs = 15_000
/** How often a phone's network changes. */
export const reopenEveryMs = 60_000

export type CanaryPair = ReturnType<typeof openCanaryPair>

interface MessageTry {
  readonly given: Try
  readonly messageId: string
  readonly sender: number
  headThen: number
  seq: number | null
  acceptedMs: number | null
  deliveredMs: number | null
  /** `open`: nothing reported yet. `awaited`: reported as undelivered, and may still arrive. */
  state: 'open' | 'awaited'
  cancel: () => void
}

/** Two accounts that write to each other in turn, each on a device that stays connected. */
export function openCanaryPair(
  options: Pick<ProbeParts, 'clock' | 'random' | 'serverUrl'> & {
    readonly profile: Profile
    readonly stalls: Stalls
    readonly alarmed: () => boolean
    readonly userAgent: string
    readonly accounts: readonly [CanaryAccount, CanaryAccount]
    readonly conversationId: string
    readonly openDevice: OpenCanaryDevice
    readonly renewedToken: (accountId: string, token: string) => void
    readonly told: (observation: Observation) => void
  },
) {
  const { clock, random, profile } = options
  const ledger = createLedger()
  /** Tries that may still be reported. */
  const tries = new Map<string, MessageTry>()
  /** Tries of the messages in the ledger. */
  const known = new Map<string, Try>()
  /** Messages that were not accepted in time. One that arrives all the same was late, not lost. */
  const unaccepted = new Set<string>()
  const accounts = [...options.accounts]
  const devices = accounts.map(openDevice)
  let turn = 0
  let stopped = false
  let cancelReopen = (): void => undefined

  function openDevice(account: CanaryAccount, index: number): CanaryDevice {
    return options.openDevice({
      ...options,
      token: account.token,
      events: {
        stands: (now, failed) => stands(index, now, failed),
        accepted,
        refused: (messageId) => end(tries.get(messageId), 'refused'),
        arrived: (messageId, seq) => arrived(index, messageId, seq),
        skipped: (belowSeq) => ledger.skipped(index, belowSeq),
        changed: lookForReads,
        newHistory,
        renewedToken: (token) => options.renewedToken(account.accountId, token),
      },
    })
  }

  function tell(one: MessageTry, outcome: Observation['outcome'], readMs: number | null = null): void {
    const { acceptedMs, deliveredMs } = one
    options.told(one.given.observation(outcome, { acceptedMs, deliveredMs, readMs, ...stageOf(outcome) }))
  }

  function tellMisplaced(messageId: string, misplaced: Misplaced | null): void {
    const given = known.get(messageId)
    if (given !== undefined && misplaced !== null) options.told(given.observation(misplaced, stageOf(misplaced)))
  }

  /** The first verdict on a failed try. An accepted message is still awaited. */
  function end(one: MessageTry | undefined, outcome: 'unreachable' | 'unaccepted' | 'undelivered' | 'refused'): void {
    if (one === undefined || one.state !== 'open') return
    one.cancel()
    if (outcome === 'undelivered') {
      one.state = 'awaited'
      const leftMs = MESSAGE_MS.lost - one.given.elapsedMs()
      one.cancel = clock.after(Math.max(0, leftMs), () => {
        drop(one)
        if (!options.stalls.since(one.given.begunMs + MESSAGE_MS.lost - MESSAGE_MS.delivered)) tell(one, 'lost')
      })
    } else cancelTry(one)
    if (outcome === 'unaccepted') unaccepted.add(one.messageId)
    tell(one, outcome)
  }

  function cancelTry(one: MessageTry): void {
    devices[one.sender]?.discard(one.messageId)
    drop(one)
  }

  /** Closes a try. Afterwards only its place in the order is still checked. */
  function drop(one: MessageTry): void {
    one.cancel()
    ledger.givenUp(one.messageId)
    tries.delete(one.messageId)
    // Between tries, so that the emptied store holds none of them.
    if (tries.size === 0) for (const device of devices) device.tidy(true)
  }

  function acceptTimeIsUp(one: MessageTry): void {
    // An event that this program may have missed is not reported.
    if (options.stalls.since(one.given.begunMs)) return cancelTry(one)
    const device = devices[one.sender]
    if (one.acceptedMs !== null || device === undefined) {
      one.cancel = clock.after(MESSAGE_MS.delivered - MESSAGE_MS.accepted, () => deliverTimeIsUp(one))
    } else if (device.standing === 'live') end(one, device.isPutOff(one.messageId) ? 'refused' : 'unaccepted')
    else end(one, device.standing === 'directed' ? 'refused' : 'unreachable')
  }

  function deliverTimeIsUp(one: MessageTry): void {
    if (options.stalls.since(one.given.begunMs)) cancelTry(one)
    else if (one.deliveredMs === null) end(one, 'undelivered')
  }

  function accepted(messageId: string, seq: number): void {
    const one = tries.get(messageId)
    if (one === undefined || one.acceptedMs !== null) return
    one.acceptedMs = one.given.elapsedMs()
    one.seq = seq
    tellMisplaced(messageId, ledger.accepted(messageId, 1 - one.sender, seq, one.headThen))
    settle(one)
  }

  function arrived(receiver: number, messageId: string, seq: number): void {
    const one = tries.get(messageId)
    tellMisplaced(messageId, ledger.arrived(messageId, receiver, seq))
    if (unaccepted.delete(messageId)) {
      const given = known.get(messageId)
      if (given !== undefined) options.told(given.observation('late', { deliveredMs: given.elapsedMs() }))
    }
    if (one === undefined || one.deliveredMs !== null) return
    one.deliveredMs = one.given.elapsedMs()
    if (one.state === 'awaited') {
      drop(one)
      tell(one, 'late')
    } else settle(one)
  }

  /** Everything has arrived. Only the read mark is left, and a message does not fail for want of it. */
  function settle(one: MessageTry): void {
    if (one.acceptedMs === null || one.deliveredMs === null) return
    one.cancel()
    one.cancel = clock.after(MESSAGE_MS.read, () => succeed(one, null))
    lookForReads()
  }

  function succeed(one: MessageTry, readMs: number | null): void {
    drop(one)
    tell(one, 'ok', readMs)
  }

  function lookForReads(): void {
    for (const one of tries.values()) {
      if (one.state !== 'open' || one.seq === null || one.deliveredMs === null) continue
      if (devices[one.sender]?.isRead(one.seq) === true) succeed(one, one.given.elapsedMs())
    }
  }

  function remember(messageId: string, given: Try): void {
    known.set(messageId, given)
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break
      known.delete(oldest)
      unaccepted.delete(oldest)
    }
  }

  function newHistory(): void {
    ledger.forget()
    for (const one of tries.values()) one.headThen = 0
  }

  function stands(index: number, now: Standing, failed: boolean): void {
    const mine = [...tries.values()].filter((one) => one.sender === index && one.state === 'open' && one.acceptedMs === null)
    // The connection is gone and a new one was refused.
    if (failed && now === 'waiting') for (const one of mine) end(one, 'unreachable')
    if (now === 'signed-out' || now === 'outdated') for (const one of mine) end(one, 'refused')
    // A person who waits for a message looks at the screen.
    if (now === 'waiting' && !failed && tries.size > 0) devices[index]?.wake()
  }

  /** A connection that seems to live is checked when nothing came over it for long. One that is merely late must not be given up. */
  function isQuiet({ heardMs }: CanaryDevice): boolean {
    return options.alarmed() && clock.monotonic() - heardMs >= quietMs
  }

  function planReopen(): void {
    let next = 0
    const plan = (): void => {
      cancelReopen = clock.after((reopenEveryMs / 2) * (0.9 + 0.2 * random.next()), () => {
        // During an alarm the old connections are needed: late messages still come over them.
        if (!options.alarmed()) devices[next++ % devices.length]?.reopen()
        plan()
      })
    }
    plan()
  }

  for (const device of devices) device.start()
  if (profile === 'phone') planReopen()

  return {
    /** Accounts whose tokens the server does not accept now. */
    get signedOut(): readonly CanaryAccount[] {
      return accounts.filter((_, index) => devices[index]?.standing === 'signed-out')
    },
    /** Called when the account has signed in again. */
    signedIn(account: CanaryAccount): void {
      const index = accounts.findIndex(({ accountId }) => accountId === account.accountId)
      if (stopped || index < 0) return
      accounts[index] = account
      devices[index]?.stop()
      devices[index] = openDevice(account, index)
      devices[index].start()
    },
    /** Starts one try and reports its outcome. @returns false when too many are open. */
    tryMessage(given: Try): boolean {
      let open = 0
      for (const one of tries.values()) if (one.state === 'open') open++
      if (stopped || open >= openTriesMax) return false
      const sender = turn++ % devices.length
      const device = devices[sender] as CanaryDevice
      const messageId = random.uuid()
      const one: MessageTry = {
        given,
        messageId,
        sender,
        headThen: ledger.head,
        seq: null,
        acceptedMs: null,
        deliveredMs: null,
        state: 'open',
        cancel: () => undefined,
      }
      tries.set(messageId, one)
      remember(messageId, given)
      one.cancel = clock.after(MESSAGE_MS.accepted, () => acceptTimeIsUp(one))
      if (device.standing === 'signed-out' || device.standing === 'outdated') end(one, 'refused')
      else {
        for (const either of devices) either.tidy(false)
        device.send(messageId, textOf(given.id, clock.now()))
        for (const either of devices) if (either.standing === 'waiting' || isQuiet(either)) either.wake()
      }
      return true
    },
    stop(): void {
      stopped = true
      cancelReopen()
      for (const one of tries.values()) one.cancel()
      tries.clear()
      for (const device of devices) device.stop()
    },
  }
}

/** Only our server refuses or accepts a message. Where the other failures happened is found out afterwards. */
function stageOf(outcome: Observation['outcome']): { readonly stage?: Stage } {
  return outcome === 'ok' || outcome === 'late' || outcome === 'unreachable' || outcome === 'unaccepted' ? {} : { stage: 'server' }
}

/** Message text, in case a person ever reads the conversation of two canaries. */
function textOf(id: number, at: number): string {
  return `봉화 탐침 ${id} ${new Date(at).toISOString()}`
}
