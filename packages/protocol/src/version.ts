/**
 * The version of the wire. It rises when a frame changes in a way that an older reader cannot ignore. History:
 * - 1: first version: hello, send, read, watch, typing, audit; entries, account items, reset.
 */
export const PROTOCOL_VERSION = 1

/** WebSocket subprotocol that names the version, most preferred first. */
export const SUBPROTOCOL = `bongsu.v${PROTOCOL_VERSION}` as const

/**
 * Features of this program beyond version 1, named in hello and welcome [W3].
 * - items: conversations have items (reactions, edits, erasures): `set`, `items`, marks in resets, history and audits.
 * - reply: a text may name the entry it answers.
 * - mentions: a text may mention people.
 * - roles: groups have a host, deputies and rights: `removed`, `role`, `rights`, and these in the state of a conversation.
 * - block: people can be blocked: `block` in the account log, and its routes [B1-B3].
 * - aside: conversations of two can be left, and conversations put aside: `aside` in the account log, and the routes [B4, B5].
 * - reports: people, groups and messages can be reported, and staff decide: its routes, and erasures by staff [B60-B66].
 * - staff: warnings, and decisions on what one reported, reach a person as `notice` in the account log, and a suspended device is told so (4104) [B55, B57].
 * - requests: people who are strangers wait until they are let in: `request` and `reach` in the account log, and the routes [B40-B43].
 * - added: who has added this account as a friend comes as `added` in the account log, and is put away by a route [B45].
 * - tide: `lineage` and `tide` say how far the history has come; hello sends them back.
 */
export const FEATURES = ['items', 'reply', 'mentions', 'roles', 'block', 'aside', 'reports', 'requests', 'staff', 'added', 'tide'] as const
/** Those of a device. `turns`: it understands the frame `turn`, so that it can wait for its turn without connecting again [O3]. */
export const DEVICE_FEATURES = [...FEATURES, 'turns'] as const
export type Feature = (typeof DEVICE_FEATURES)[number]
