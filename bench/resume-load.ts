import { CAUGHT_UP_MS, connectDevice, each } from './device.ts'
import type { DevicePlan, Target } from './jobs.ts'
import { within } from './within.ts'

/** Each device connects, takes what it missed and leaves; every one must get exactly `missed` entries, each in its place. */
export async function resumeAll(
  target: Target,
  plans: readonly DevicePlan[],
  atOnce: number,
  missed: number,
): Promise<{ readonly tookMs: readonly number[]; readonly faults: readonly string[] }> {
  const tookMs: number[] = []
  const faults: string[] = []
  await each(plans.length, atOnce, async (index) => {
    const plan = plans[index]
    if (plan === undefined) return
    const cursors = new Map(plan.cursors)
    let received = 0
    const startedAt = performance.now()
    const device = connectDevice(target, plan, {
      accepted: () => faults.push('something was accepted that was not sent'),
      entries(frame) {
        for (const { seq } of frame.entries) {
          if (seq !== (cursors.get(frame.conversationId) ?? 0) + 1)
            faults.push(`device ${index} got seq ${seq} after ${cursors.get(frame.conversationId)}`)
          cursors.set(frame.conversationId, seq)
          received++
        }
      },
      wrong: (what) => faults.push(what),
    })
    await within(CAUGHT_UP_MS, 'A device’s catching up', device.caughtUp)
    tookMs.push(performance.now() - startedAt)
    if (received !== missed) faults.push(`device ${index} got ${received} of ${missed} entries that it had missed`)
    await device.close()
  })
  return { tookMs, faults: faults.slice(0, 20) }
}
