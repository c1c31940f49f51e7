import type { Outlet } from '../delivery/outlet.ts'

/** One accepted WebSocket, whatever carries it: `ws` in production, arrays in the simulation. */
export interface GatewaySocket extends Outlet {
  /** Whom it counts for in limits: the address of the device, or of the first proxy not trusted, as `visitorOf` shortens it. */
  readonly address: string
  /** Reads no more from the device until `resume`; what was read already may still come. */
  pause(): void
  resume(): void
  /** Sends a ping of the WebSocket protocol; the answer counts as being heard. */
  ping(): void
  pong(data: Uint8Array): void
  /** Ends the connection at once, without a closing handshake. */
  terminate(): void
}
