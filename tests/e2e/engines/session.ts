/** One device of the input: a list of the actions of W3C WebDriver, which WebDriver BiDi took over unchanged. */
export interface InputSource {
  readonly type: 'key' | 'pointer' | 'wheel'
  readonly id: string
  readonly parameters?: { readonly pointerType: 'mouse' | 'touch' }
  readonly actions: readonly Readonly<Record<string, unknown>>[]
}

/** What an engine does in its own protocol: one window with a storage of its own. Everything else is made of this, in screen.ts. */
export interface Session {
  /** Resolves when the page is loaded. */
  go(url: string): Promise<void>
  reload(): Promise<void>
  /** Runs the source of a function in the page. @param args and the result are JSON. */
  run(source: string, args: string): Promise<string>
  /** Real input, in the order of the actions. Resolves when all is done. */
  act(sources: readonly InputSource[]): Promise<void>
  /** A PNG of the window's contents. */
  picture(): Promise<Buffer>
}

export interface Size {
  /** CSS pixels of the contents. */
  readonly width: number
  readonly height: number
}

export interface Engine {
  readonly name: string
  /** Opens a window with an empty page. It has the focus, and keeps it beside others. */
  open(size: Size): Promise<Session>
}

export const ZONE = 'Asia/Seoul'

/** Calls the function with the arguments and gives its result back, both as JSON: for engines that know only plain values. */
export function wrapped(source: string): string {
  return `async (args) => JSON.stringify((await (${source})(...JSON.parse(args))) ?? null)`
}
