/**
 * The version of the wire. It rises when a frame changes in a way an older reader cannot ignore.
 * history:
 * - 1: first version: hello, send, read, watch, typing, audit; entries, account items, reset.
 */
export const PROTOCOL_VERSION = 1

/** WebSocket subprotocol that names the version, most preferred first. */
export const SUBPROTOCOL = `bongsu.v${PROTOCOL_VERSION}` as const
