import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { bongsu } from './operator.ts'

export interface KitResult {
  readonly client: string
  readonly promises: readonly {
    readonly promise: string
    readonly outcome: 'kept' | 'broken' | 'not claimed' | 'not tested'
    readonly faults: readonly string[]
  }[]
}

/** @param file by its path from the root. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url))
}

/** Runs the conformance kit, as an author of a client does. @param trials all when left out. */
export async function testClient(command: readonly string[], trials: readonly string[] = []): Promise<{ result: KitResult; code: number | null }> {
  const { code, out, note } = await bongsu(['conformance', '--json', ...trials.flatMap((name) => ['--only', name]), '--', ...command])
  assert.ok(out.startsWith('{'), note)
  return { result: JSON.parse(out) as KitResult, code }
}

export function withOutcome({ promises }: KitResult, wanted: string): readonly string[] {
  return promises.filter(({ outcome }) => outcome === wanted).map(({ promise, faults }) => [promise, ...faults].join(': '))
}
