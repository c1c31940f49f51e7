import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../wait-for.ts'
import type { Session } from './session.ts'

const PICTURES = fileURLToPath(new URL('../../../screenshots/', import.meta.url))
const withinMs = 15_000

/** Keys that write nothing, as WebDriver names them. */
const KEYS = { Enter: '\uE007', Escape: '\uE00C', Shift: '\uE008', Control: '\uE009', Backspace: '\uE003' } as const
type Key = keyof typeof KEYS

/** What a person does at a window, and sees in it. Elements are named by CSS selectors, and the first one that matches counts. */
export interface Screen {
  readonly session: Session
  run<A extends readonly unknown[], R>(act: (...args: A) => R, ...args: A): Promise<Awaited<R>>
  /** Waits until it can be pressed, and presses it. */
  click(selector: string): Promise<void>
  /** Moves the mouse over it. */
  hover(selector: string): Promise<void>
  /** Presses the field, types, and waits until the text stands behind what was there. */
  write(selector: string, text: string): Promise<void>
  /** @param key a letter, or the name of a key that writes nothing. */
  press(key: string, held?: Key): Promise<void>
  /** Waits until the element is there. */
  see(selector: string): Promise<void>
  /** Waits until no such element is there. */
  gone(selector: string): Promise<void>
  count(selector: string): Promise<number>
  /** The texts of all elements that match. */
  texts(selector: string): Promise<readonly string[]>
  value(selector: string): Promise<string>
  /** Saves a picture of the window. Look at it. */
  picture(name: string): Promise<void>
}

export const id = (name: string): string => `[data-testid="${name}"]`

export function createScreen(session: Session): Screen {
  async function run<A extends readonly unknown[], R>(act: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    return JSON.parse(await session.run(act.toString(), JSON.stringify(args))) as Awaited<R>
  }

  /** The middle of an element that stands still and has nothing above it; null as long as there is none. */
  async function placeOf(selector: string): Promise<{ x: number; y: number } | null> {
    return await run((wanted) => {
      const element = document.querySelector(wanted)
      if (element === null) return null
      element.scrollIntoView({ block: 'nearest' })
      const isMoving = document
        .getAnimations()
        .some(({ playState, effect }) => playState === 'running' && effect?.getComputedTiming().endTime !== Infinity)
      const { left, top, width, height } = element.getBoundingClientRect()
      const [x, y] = [Math.round(left + width / 2), Math.round(top + height / 2)]
      const hit = document.elementFromPoint(x, y)
      return !isMoving && hit !== null && element.contains(hit) ? { x, y } : null
    }, selector)
  }

  const count = (selector: string): Promise<number> => run((wanted) => document.querySelectorAll(wanted).length, selector)

  async function point(selector: string, after: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const place = await waitFor(`${selector} to be free`, () => placeOf(selector), { withinMs })
    const move = { type: 'pointerMove', origin: 'viewport', duration: 0, ...place }
    await session.act([{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [move, ...after] }])
  }

  async function press(keys: readonly string[], held?: Key): Promise<void> {
    const strokes = keys.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ])
    const around = held === undefined ? [[], []] : [[{ type: 'keyDown', value: KEYS[held] }], [{ type: 'keyUp', value: KEYS[held] }]]
    await session.act([{ type: 'key', id: 'keyboard', actions: [...(around[0] ?? []), ...strokes, ...(around[1] ?? [])] }])
  }

  const click = (selector: string): Promise<void> =>
    point(selector, [
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ])

  const value = (selector: string): Promise<string> => run((wanted) => document.querySelector<HTMLInputElement>(wanted)?.value ?? '', selector)

  return {
    session,
    run,
    click,
    hover: (selector) => point(selector, []),
    async write(selector, text) {
      // What is loaded meanwhile may have moved the field from under the mouse.
      const pressed = async (): Promise<boolean> => {
        await click(selector)
        return await run((wanted) => document.activeElement?.matches(wanted) ?? false, selector)
      }
      await waitFor(`${selector} to have the focus`, pressed, { withinMs })
      const before = await value(selector)
      await press(Array.from(text))
      await waitFor(`"${text}" to stand in ${selector}`, async () => (await value(selector)) === before + text, { withinMs })
    },
    press: (key, held) => press([key in KEYS ? KEYS[key as Key] : key], held),
    see: async (selector) => void (await waitFor(`${selector} to be seen`, async () => (await count(selector)) > 0, { withinMs })),
    gone: async (selector) => void (await waitFor(`${selector} to be gone`, async () => (await count(selector)) === 0, { withinMs })),
    count,
    texts: (selector) => run((wanted) => [...document.querySelectorAll(wanted)].map((element) => element.textContent), selector),
    value,
    async picture(name) {
      mkdirSync(PICTURES, { recursive: true })
      writeFileSync(join(PICTURES, `${name}.png`), await session.picture())
    },
  }
}
