import { lookup } from 'node:dns/promises'
import { BlockList, connect as connectTcp, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../clock.ts'

/** Hosts asked by default: public resolvers of three operators in two countries, so that they do not all fail together. */
export const DEFAULT_ONLINE_CHECKS: readonly string[] = ['1.1.1.1:443', '168.126.63.1:53', '8.8.8.8:53']
/** Longest wait for an answer. */
export const onlineWithinMs = 1_500
/** How long an answer stays valid. */
export const onlineHoldsMs = 2_000
/** Wait before the next host is asked while the previous one has not answered. */
const nextAfterMs = 350

export interface Target {
  readonly host: string
  readonly port: number
}

/** Parses `1.1.1.1:443`, `[2606:4700::1]:443` or `dns.example.kr:53`. Null for anything else. */
export function readTarget(text: string): Target | null {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const host = found?.[1] ?? found?.[2] ?? ''
  const port = Number(found?.[3])
  if (found === null || port < 1 || port > 65_535 || (found[1] !== undefined && isIP(host) !== 6)) return null
  return { host, port }
}

/** What became of a TCP connection. `refused`: the host was reached and refused. `none`: no answer in time, no route, or no address. */
export type Connected = 'made' | 'refused' | 'none'

/** The network as seen from this place. */
export interface Network {
  /** Tries to establish a TCP connection. Answers at the latest after `withinMs`. */
  connect(target: Target, withinMs: number): Promise<Connected>
  /** Whether this machine has an address besides loopback. */
  hasAddress(): boolean
  /** Addresses of a name; empty when they cannot be found. */
  resolve(host: string): Promise<readonly string[]>
}

/**
 * Whether this place itself has a network. Asked of hosts other than the messenger when tries fail: a canary behind a pulled cable must not report
 * that everybody is cut off.
 *
 * When the messenger runs on this machine or in a private network, the answer is always yes: the route to it does not use the internet, so a lost
 * internet connection must not blind this sentinel. The same is true for an empty list.
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

  /** The name is looked up until it was found once: it cannot be found while offline. */
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

  /** One answer is enough. Each host gets a head start before the next one is asked, so that usually only one is bothered. */
  function anyAnswers(): Promise<boolean> {
    return new Promise((resolve) => {
      let silent = targets.length
      const cancels = targets.map(({ host: name, port }, index) =>
        clock.after(Math.min(index * nextAfterMs, onlineWithinMs / 2), () => {
          network.connect({ host: name, port }, onlineWithinMs / 2).then(
            (made) => {
              if (made === 'made') end(true)
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

export const systemNetwork: Network = {
  connect: ({ host, port }, withinMs) =>
    new Promise((resolve) => {
      const socket = connectTcp({ host, port })
      const end = (made: Connected): void => {
        cancel()
        socket.destroy()
        resolve(made)
      }
      const late = setTimeout(() => end('none'), withinMs)
      const cancel = (): void => clearTimeout(late)
      socket.once('connect', () => end('made'))
      socket.once('error', (cause: NodeJS.ErrnoException) => end(cause.code === 'ECONNREFUSED' || cause.code === 'ECONNRESET' ? 'refused' : 'none'))
    }),
  hasAddress: () =>
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .some(({ internal, address }) => !internal && !address.startsWith('fe80')),
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
}
