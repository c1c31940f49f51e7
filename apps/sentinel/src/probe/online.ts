import { lookup } from 'node:dns/promises'
import { BlockList, connect as connectTcp, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../clock.ts'

/** Who else is asked: resolvers that many depend on, in three hands and two countries, so that not all fail with one of them. */
export const DEFAULT_ONLINE_CHECKS: readonly string[] = ['1.1.1.1:443', '168.126.63.1:53', '8.8.8.8:53']
/** Longest wait for an answer. */
export const onlineWithinMs = 1_500
/** How long an answer holds. */
export const onlineHoldsMs = 2_000
/** The next one is asked after this, when the one before has said nothing yet. */
const nextAfterMs = 350

export interface Target {
  readonly host: string
  readonly port: number
}

/** Reads `1.1.1.1:443`, `[2606:4700::1]:443` or `dns.example.kr:53`; null when it is none of these. */
export function readTarget(text: string): Target | null {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const host = found?.[1] ?? found?.[2] ?? ''
  const port = Number(found?.[3])
  if (found === null || port < 1 || port > 65_535 || (found[1] !== undefined && isIP(host) !== 6)) return null
  return { host, port }
}

/** How this place reaches out. */
export interface Network {
  /** Resolves true when a TCP connection was made, false when not, at the latest after `withinMs`. */
  connect(target: Target, withinMs: number): Promise<boolean>
  /** Does this machine have an address besides loopback? */
  hasAddress(): boolean
  /** Addresses of a name; none when they cannot be found. */
  resolve(host: string): Promise<readonly string[]>
}

/**
 * Does this place have a network itself? Asked of others than the messenger, when tries fail: a canary behind a pulled cable must not say that
 * everybody is cut off.
 *
 * Where the messenger is on this machine or in a private network, the question is not asked and the answer is yes: the way to it does not lead
 * through the internet, so that being cut off from the internet must not blind this sentinel. The same goes for an empty list.
 */
export interface OnlineCheck {
  isOnline(): Promise<boolean>
}

export function createOnlineCheck(options: {
  readonly clock: Clock
  readonly serverUrl: string
  readonly targets: readonly Target[]
  readonly network?: Network
}): OnlineCheck {
  const { clock, targets, network = systemNetwork } = options
  const host = new URL(options.serverUrl).hostname.replace(/^\[(.*)\]$/, '$1')
  let near: boolean | null = isNearName(host) ? true : isIP(host) === 0 ? null : isNearAddress(host)
  let known: { readonly at: number; readonly online: boolean } | null = null
  let asking: Promise<boolean> | null = null

  /** A name is looked up until it has been found once; offline it cannot be. */
  async function isNear(): Promise<boolean> {
    if (near !== null) return near
    const addresses = await withTime(network.resolve(host), onlineWithinMs, [])
    if (addresses.length > 0) near = addresses.every(isNearAddress)
    return near ?? false
  }

  async function withTime<T>(answer: Promise<T>, withinMs: number, otherwise: T): Promise<T> {
    let cancel = (): void => undefined
    const late = new Promise<T>((resolve) => {
      cancel = clock.after(withinMs, () => resolve(otherwise))
    })
    return Promise.race([answer.catch(() => otherwise), late]).finally(() => cancel())
  }

  /** The first that answers is enough; each is given a head start before the next, so that seldom more than one hears of us. */
  function anyAnswers(): Promise<boolean> {
    return new Promise((resolve) => {
      let silent = targets.length
      const cancels = targets.map(({ host: name, port }, index) =>
        clock.after(Math.min(index * nextAfterMs, onlineWithinMs / 2), () => {
          network.connect({ host: name, port }, onlineWithinMs / 2).then(
            (made) => {
              if (made) end(true)
              else if (--silent === 0) end(false)
            },
            () => {
              if (--silent === 0) end(false)
            },
          )
        }),
      )
      cancels.push(clock.after(onlineWithinMs, () => end(false)))
      function end(online: boolean): void {
        for (const cancel of cancels) cancel()
        resolve(online)
      }
    })
  }

  async function ask(): Promise<boolean> {
    if (targets.length === 0 || near === true) return true
    if (!network.hasAddress()) return false
    const [local, answered] = await Promise.all([isNear(), anyAnswers()])
    return local || answered
  }

  return {
    isOnline() {
      if (known !== null && clock.monotonic() - known.at < onlineHoldsMs) return Promise.resolve(known.online)
      asking ??= ask()
        .then((online) => {
          known = { at: clock.monotonic(), online }
          return online
        })
        .finally(() => {
          asking = null
        })
      return asking
    },
  }
}

/** Loopback, link-local, private and carrier-grade shared addresses (RFC 1122, 3927, 1918, 6598; 4291, 4193). */
const NEAR = new BlockList()
for (const [address, bits] of [
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  NEAR.addSubnet(address, bits, 'ipv4')
for (const [address, bits] of [
  ['::1', 128],
  ['fe80::', 10],
  ['fc00::', 7],
] as const)
  NEAR.addSubnet(address, bits, 'ipv6')

function isNearAddress(address: string): boolean {
  return NEAR.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function isNearName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

const systemNetwork: Network = {
  connect: ({ host, port }, withinMs) =>
    new Promise((resolve) => {
      const socket = connectTcp({ host, port, timeout: withinMs })
      const end = (made: boolean): void => {
        socket.destroy()
        resolve(made)
      }
      socket.once('connect', () => end(true))
      socket.once('timeout', () => end(false))
      socket.once('error', () => end(false))
    }),
  hasAddress: () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .some(({ internal, address }) => !internal && !address.startsWith('fe80')),
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
}
