import type { Outlet } from '../delivery/outlet.ts'

/** One accepted WebSocket: `ws` in production, arrays in the simulation. */
export interface GatewaySocket extends Outlet {
  /** The visitor it counts for in limits: the address of the device, or of the first untrusted proxy, as shortened by `visitorOf`. */
  readonly address: string
  /** Stops reading from the device until `resume`. Bytes read before may still arrive. */
  pause(): void
  resume(): void
  /** Sends a ping of the WebSocket protocol. The answer counts as a sign of life. */
  ping(): void
  pong(data: Uint8Array): void
  /** Ends the connection at once, without a closing handshake. */
  terminate(): void
}
