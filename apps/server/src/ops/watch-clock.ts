import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import type { ServerTime } from './server-time.ts'

const LOOK_MS = 10_000

/** Tells the operator once when the machine's clock seems wrong, and once when it seems right again [O8]. */
export function watchClock(
  time: Pick<ServerTime, 'state'>,
  clock: Pick<Clock, 'every'>,
  logger: Logger,
): { readonly offMs: () => number; stop(): void } {
  let told = false
  /** How far the clock seems to be ahead; negative when behind; 0 when it seems right. */
  const offMs = (): number => {
    const state = time.state()
    return state.offMs === 0 ? -state.devicesMs : state.offMs
  }
  function look(): void {
    const { offMs: fromKnown, devicesMs } = time.state()
    const wrong = fromKnown !== 0 || devicesMs !== 0
    if (wrong === told) return
    told = wrong
    if (!wrong) return logger.info({}, 'The clock of this machine seems right again.')
    logger.error(
      { secondsFromLastKnown: Math.round(fromKnown / 1_000), secondsOfDevices: Math.round(devicesMs / 1_000) },
      'The clock of this machine seems wrong. New messages get its time; nobody is signed out by it. Set it right.',
    )
  }
  look()
  const stop = clock.every(LOOK_MS, look)
  return { offMs, stop }
}
