import assert from 'node:assert/strict'

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Waits for what other threads do. @param what ends the sentence "waited in vain for …". */
export async function until(what: string, met: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await met())) {
    assert.ok(performance.now() < end, `waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
