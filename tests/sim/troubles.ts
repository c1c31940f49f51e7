import { NO_DISK_TROUBLE } from './disk.ts'
import { NO_NET_TROUBLE, type NetTrouble } from './net-trouble.ts'
import type { Phone } from './phone.ts'
import type { Happening, PROCESS_TROUBLE_KINDS, TROUBLE_KINDS } from './plan.ts'
import { restore } from './restore.ts'
import type { World } from './world.ts'

/** Makes trouble. @returns what ends it. */
type Trouble = (world: World, happening: Happening) => (() => void) | void

const DAY_MS = 86_400_000
/** What a process still has to do when it stops. */
const DRAIN_MS = 200
/** The worst moment is waited for so long. */
const WORST_WITHIN_MS = 2_000
/** In this time somebody hears that something is accepted. */
const ACCEPTED_WITHIN_MS = 6_000
/** From hearing that it is accepted to having the entry stored, a device takes about so long. */
const ARRIVAL_MS = 60

function phoneOf(world: World, { who }: Happening): Phone {
  return world.phones[who % world.phones.length]!
}

function gatewayOf(world: World, { who }: Happening): number {
  return who % world.gateways.length
}

function net(change: (happening: Happening) => Partial<NetTrouble>): Trouble {
  return (world, happening) => {
    const { trouble } = phoneOf(world, happening)
    const made = change(happening)
    const before = Object.fromEntries(Object.keys(made).map((key) => [key, NO_NET_TROUBLE[key as keyof NetTrouble]]))
    Object.assign(trouble, made)
    return () => Object.assign(trouble, before)
  }
}

function disk(change: (happening: Happening) => Partial<World['disk']['trouble']>): Trouble {
  return (world, happening) => {
    const { trouble } = world.disk
    Object.assign(trouble, change(happening))
    return () => Object.assign(trouble, NO_DISK_TROUBLE)
  }
}

function kill(power: boolean): Trouble {
  return (world, happening) => {
    const index = gatewayOf(world, happening)
    const gateway = world.gateways[index]!
    if (!gateway.host.alive) return
    const die = once(() => {
      if (world.gateways[index] !== gateway || !gateway.host.alive) return
      world.met.add('server: killed')
      world.killGateway(index, power)
    })
    atWorstMoment(world, happening, die, (run) => {
      world.disk.onWrite = run
    })
    return () => {
      die()
      world.startGateway(index)
    }
  }
}

function once<Args extends readonly unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  let done = false
  return (...args) => {
    if (done) return
    done = true
    run(...args)
  }
}

function killFor(world: World, phone: Phone, ms: number): void {
  if (phone.off) return
  world.met.add('device: killed between the answer and the entry')
  phone.kill(false)
  world.queue.add(ms, () => phone.start())
}

/** A process stops in order. @returns what starts the next one in its place. */
function drain(world: World, index: number): (() => void) | undefined {
  const gateway = world.gateways[index]!
  if (!gateway.host.alive || gateway.host.frozen) return undefined
  world.met.add('server: drained')
  gateway.drain()
  const end = once(() => {
    if (world.gateways[index] === gateway) world.killGateway(index, false)
  })
  world.queue.add(DRAIN_MS, end)
  return () => {
    end()
    world.startGateway(index)
  }
}

/** Replaces every process by one that is of the version before, or of the newest. */
function roll(world: World, older: boolean, stepMs: number): void {
  world.gateways.forEach((_, index) =>
    world.queue.add(index * stepMs, () => {
      if (world.isCalm) return
      world.met.add('server: replaced by another version')
      // The version before finds out no restore.
      world.older[index] = older && !world.disk.undecided
      const start = drain(world, index)
      if (start !== undefined) world.queue.add(2 * DRAIN_MS, start)
    }),
  )
}

/** Now, or right after the next write has begun, if one begins soon. */
function atWorstMoment(world: World, { y }: Happening, run: () => void, onWrite: (run: () => void) => void): void {
  if (y < 0.3) return run()
  onWrite(() => world.queue.add(Math.floor(y * 6), run))
  world.queue.add(WORST_WITHIN_MS, run)
}

/** A wall clock that is off by a day, a quarter of an hour, or a few seconds, either way. */
function jumpMs({ x, y }: Happening): number {
  return (x < 0.5 ? -1 : 1) * (y < 0.4 ? DAY_MS : y < 0.7 ? 900_000 : 20_000)
}

export const TROUBLES: { readonly [Kind in keyof typeof TROUBLE_KINDS | keyof typeof PROCESS_TROUBLE_KINDS]: Trouble } = {
  'slow net': net(({ x }) => ({ lateMs: 100 + Math.floor(x * 4_000) })),
  'doubling net': net(({ x }) => ({ doubled: x })),
  'swallowing net': net(({ x }) => ({ swallowed: x * x })),
  'cutting net': net(({ x }) => ({ cut: x * 0.2 })),
  'dying net': net(({ x }) => ({ halfOpen: x * 0.15 })),
  'no net': net(({ x }) => ({ connecting: x < 0.5 ? 'refused' : 'silent', cut: 1 })),
  'slow reader': net(({ x }) => ({ bytesPerSecond: x < 0.3 ? 1 : Math.floor(x * 1_500) })),
  'babbling device': net(({ x }) => ({ babbling: x })),
  // A rolling upgrade, or a rollback, as one device meets it: each ends its connections.
  'older server': (world, happening) => {
    const phone = phoneOf(world, happening)
    const change = (older: boolean): void => {
      phone.trouble.older = older
      phone.metOlder = true
      for (const line of phone.lines()) line.cut()
    }
    change(true)
    return () => change(false)
  },
  // The way of all devices at once: HTTP is rare.
  'bad http': (world, { x, y }) => {
    for (const { trouble } of world.phones) Object.assign(trouble, { httpLost: x, httpDoubled: y })
    return () => world.phones.forEach(({ trouble }) => Object.assign(trouble, { httpLost: 0, httpDoubled: 0 }))
  },
  cut: (world, happening) =>
    phoneOf(world, happening)
      .lines()
      .forEach((line) => line.cut()),
  'half-open': (world, happening) =>
    phoneOf(world, happening)
      .lines()
      .forEach((line) => line.goSilent()),
  'bad bus': (world, { x, y }) => {
    Object.assign(world.bus.trouble, { lost: x * 0.7, doubled: y, late: (1 - x) * y })
    return () => Object.assign(world.bus.trouble, { lost: 0, doubled: 0, late: 0 })
  },
  'no bus': (world) => {
    Object.assign(world.bus.trouble, { lost: 1 })
    return () => Object.assign(world.bus.trouble, { lost: 0 })
  },
  'slow disk': disk(() => ({ slow: true })),
  'full disk': disk(() => ({ full: true })),
  'disk away': disk(({ x }) => ({ unavailable: x })),
  'disk without answers': disk(({ x }) => ({ unknown: 0.2 + x * 0.8 })),
  'kill server': kill(false),
  'kill server, power': kill(true),
  'power cut': (world, happening) => {
    const die = once(() => {
      world.met.add('server: all without power')
      world.gateways.forEach((_, index) => world.killGateway(index, true, true))
    })
    atWorstMoment(world, happening, die, (run) => {
      world.disk.onWrite = run
    })
    return () => {
      die()
      world.gateways.forEach((_, index) => world.startGateway(index))
    }
  },
  'stop server': (world, happening) => {
    const { host } = world.gateways[gatewayOf(world, happening)]!
    if (!host.alive || host.frozen) return
    world.met.add('server: stopped for a while')
    host.freeze()
    return () => host.thaw()
  },
  'busy server': (world, happening) => {
    const { host, busy } = world.gateways[gatewayOf(world, happening)]!
    if (!host.alive) return
    busy.begin()
    return () => {
      if (busy.level > 0) world.met.add('server: overloaded')
      busy.end()
    }
  },
  drain: (world, happening) => drain(world, gatewayOf(world, happening)),
  // Deaf to one other process or to all, or heard by none.
  'deaf process': (world, { who, x, y }) => {
    const names = world.gateways.map(({ host }) => host.name)
    const [one, ...others] = [...names.slice(who % names.length), ...names.slice(0, who % names.length)]
    const concerned = x < 0.4 ? others.slice(0, 1) : others
    const ways = concerned.flatMap((other) => [
      ...(y < 0.7 ? [`${other} to ${one}` as const] : []),
      ...(y > 0.4 ? [`${one} to ${other}` as const] : []),
    ])
    for (const way of ways) world.bus.cutWays.add(way)
    return () => ways.forEach((way) => world.bus.cutWays.delete(way))
  },
  'store away from one': (world, happening) => {
    const { name } = world.gateways[gatewayOf(world, happening)]!.host
    world.disk.awayFrom.add(name)
    return () => world.disk.awayFrom.delete(name)
  },
  'late writes': disk(({ x }) => ({ late: 0.2 + x * 0.8 })),
  // A backup is made now, and put back later. All processes start at the same moment, and hear of what is lost at the same time.
  'put back': (world, { y }) => {
    const backup = world.disk.backUp()
    return () => {
      restore(world, backup, world.older.some(Boolean))
      world.queue.add(Math.floor(y * 500), () => world.gateways.forEach((_, index) => world.startGateway(index)))
    }
  },
  // One process after the other is replaced by one of the version before, and at the end by the newest again.
  'rolling upgrade': (world, { forMs, x }) => {
    roll(world, true, 500 + Math.floor((x * forMs) / world.gateways.length))
    return () => roll(world, false, 500 + Math.floor(x * 3_000))
  },
  // The backup is made now, and restored when the trouble is over; then the servers stay away for a while. Or shortly before, at the worst moment: a
  // device was just told that what it wrote is accepted, and is killed before the entry has arrived and is stored.
  restore: (world, { at, forMs, x, y }) => {
    const backup = world.disk.backUp()
    const begin = once((killed: Phone | null) => {
      world.history.onAccepted = null
      if (killed !== null) killFor(world, killed, 1_000 + x * 4_000)
      // In half of them nobody tells the servers, unless one of them could not find it out.
      restore(world, backup, Math.floor(y * 10_000) % 2 === 0 || world.older.some(Boolean))
      world.queue.add(Math.floor(y * 4_000), () => world.gateways.forEach((_, index) => world.startGateway(index)))
    })
    const waitForWorst = (): void => {
      world.history.onAccepted = (name) => {
        const heard = world.phones.find((phone) => phone.name === name)!
        world.queue.add(Math.floor(y * ARRIVAL_MS), () => begin(heard))
      }
    }
    const overAt = Math.min(forMs, world.plan.forMs - at)
    if (x >= 0.2) world.queue.add(overAt - ACCEPTED_WITHIN_MS, waitForWorst)
    return () => begin(null)
  },
  'kill device': (world, happening) => {
    const phone = phoneOf(world, happening)
    if (phone.off) return
    const die = once(() => {
      world.met.add('device: killed')
      phone.kill(happening.x < 0.3)
    })
    atWorstMoment(world, happening, die, (run) => {
      phone.disk.onCommit = run
    })
    return () => {
      die()
      phone.start()
    }
  },
  'full device': (world, happening) => {
    const { trouble } = phoneOf(world, happening).disk
    trouble.full = true
    return () => {
      trouble.full = false
    }
  },
  'slow device': (world, happening) => {
    const { trouble } = phoneOf(world, happening).disk
    trouble.slow = true
    return () => {
      trouble.slow = false
    }
  },
  sleep: (world, happening) => {
    const phone = phoneOf(world, happening)
    phone.sleep(happening.x < 0.4)
    return () => phone.wake()
  },
  'device clock': (world, happening) => {
    world.met.add('clock: device jumps')
    phoneOf(world, happening).host.jump(jumpMs(happening))
  },
  'server clock': (world, happening) => {
    world.met.add('clock: server jumps')
    world.gateways[gatewayOf(world, happening)]!.host.jump(jumpMs(happening))
  },
}

/** The end of all trouble: everything runs, nothing is wrong any more. */
export function calm(world: World): void {
  world.isCalm = true
  for (const phone of world.phones) {
    Object.assign(phone.trouble, NO_NET_TROUBLE)
    Object.assign(phone.disk.trouble, { full: false, slow: false })
    phone.start()
    if (phone.host.frozen) phone.wake()
  }
  Object.assign(world.disk.trouble, NO_DISK_TROUBLE)
  world.disk.awayFrom.clear()
  world.bus.cutWays.clear()
  Object.assign(world.bus.trouble, { lost: 0, doubled: 0, late: 0 })
  for (const [index, gateway] of world.gateways.entries()) {
    if (gateway.host.frozen) gateway.host.thaw()
    gateway.busy.end()
    world.older[index] = false
    if (gateway.older) world.killGateway(index, false)
    world.startGateway(index)
  }
  if (!world.plan.noHintsAtEnd) return
  world.met.add('bus: every hint lost to the end')
  world.bus.trouble.lost = 1
}
