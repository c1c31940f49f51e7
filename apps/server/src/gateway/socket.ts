import type { Outlet } from '../delivery/outlet.ts'

/** One accepted WebSocket, whatever carries it: `ws` in production, arrays in the simulation. */
export interface GatewaySocket extends Outlet {
  /** Address of the device, for limits; that of the first proxy not trusted. */
  readonly address: string
  /** Sends a ping of the WebSocket protocol; the answer counts as being heard. */
  ping(): void
  /** Ends the connection at once, without a closing handshake. */
  terminate(): void
}
