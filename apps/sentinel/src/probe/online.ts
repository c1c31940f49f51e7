import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import type { Clock } from '../clock.ts'
import { held } from './held.ts'

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
export function createOnlineCheck(options: {
  readonly clock: Clock
  readonly serverUrl: string
  readonly targets: readonly Target[]
  readonly network?: Network
}) {
  const { clock, targets, network = systemNetwork } = options
  const host = new URL(options.serverUrl).hostname.replace(/^\[(.*)\]$/, '$1')
  let near: boolean | null = isNearName(host) ? true : isIP(host) === 0 ? null : isNearAddress(host)

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
    let answered = false
    const asked = targets.map(async (target, index) => {
      await new Promise<void>((resolve) => void clock.after(Math.min(index * nextAfterMs, onlineWithinMs / 2), resolve))
      if (answered) return
      if ((await network.connect(target, onlineWithinMs / 2)) !== 'made') throw new Error('no answer')
      answered = true
    })
    return withTime(
      Promise.any(asked).then(() => true),
      onlineWithinMs,
      false,
    )
  }

  async function ask(): Promise<boolean> {
    if (targets.length === 0 || near === true) return true
    if (!network.hasAddress()) return false
    const [local, answered] = await Promise.all([isNear(), anyAnswers()])
    return local || answered
  }

  return { isOnline: held(clock, onlineHoldsMs, ask) }
}

/** Names of ranges (RFC 1122, 3927, 1918, 6598; 4291, 4193). */
const NEAR: readonly string[] = ['loopback', 'linkLocal', 'private', 'carrierGradeNat', 'uniqueLocal']

function isNearAddress(address: string): boolean {
  return NEAR.includes(ipaddr.process(address).range())
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
