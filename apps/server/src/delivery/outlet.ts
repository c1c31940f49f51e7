import type { Encoded } from './encode.ts'

/** The way to one device. */
export interface Outlet {
  send(frame: Encoded): void
  /** Bytes passed to `send` that the kernel has not taken yet. */
  bufferedBytes(): number
  /** Calls back once when the kernel has taken everything. */
  onDrained(run: () => void): void
  /** Closes with one of CLOSE_CODES. Nothing is sent afterwards. */
  close(reason: { readonly code: number }): void
}
