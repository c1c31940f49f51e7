import type { LimitName } from './limits.ts'

/**
 * What a client should do after a refusal. Codes are API, texts are not.
 * - never: the same request can never succeed; remove it from the outbox and show why.
 * - later: send the same request, unchanged, after `retryAfterMs`.
 * - resume: close, connect again and say hello with the stored cursors.
 */
export type Retry = 'never' | 'later' | 'resume'

/** All refusal codes, for frames and HTTP alike. `status` is the status of an HTTP answer. */
export const REFUSALS = {
  'frame-malformed': { retry: 'never', status: 400, about: 'Not a frame of this protocol: not JSON, or a field is missing or of the wrong type.' },
  'frame-unknown': { retry: 'never', status: 400, about: 'This server does not know the frame type.' },
  'frame-not-text': { retry: 'never', status: 400, about: 'Binary frames are not part of this protocol.' },
  'hello-expected': { retry: 'resume', status: 400, about: 'The first frame must be hello, and hello is sent only once.' },
  'version-unsupported': { retry: 'never', status: 426, about: 'This server does not support the protocol version; reload the app.' },
  unauthenticated: { retry: 'never', status: 401, about: 'The token is missing, forged, expired or revoked; sign in again.' },
  'sign-in-failed': { retry: 'never', status: 401, about: 'The handle or the password is wrong.' },
  forbidden: { retry: 'never', status: 403, about: 'This account is not allowed to do that.' },
  suspended: { retry: 'later', status: 403, about: 'The account is suspended: `suspension` says why, until when, and how to appeal [B55].' },
  'acted-already': { retry: 'never', status: 409, about: 'Somebody else of the staff has acted meanwhile, or it is so already: look again.' },
  'not-a-person': { retry: 'never', status: 409, about: 'The account belongs to the sentinel, which tests this server with it.' },
  'last-administrator': { retry: 'never', status: 409, about: 'The last administrator stays one.' },
  'not-found': { retry: 'never', status: 404, about: 'It does not exist, or this account may not see it.' },
  'not-a-member': { retry: 'never', status: 404, about: 'This account is not in the conversation, or the conversation does not exist.' },
  'member-unknown': { retry: 'never', status: 404, about: 'The named account is not a member of the conversation.' },
  'role-too-low': { retry: 'never', status: 403, about: 'The rights of the conversation give this to a higher role: deputies or the host.' },
  barred: { retry: 'never', status: 403, about: 'A named account was removed and may not come back, unless somebody who may remove invites it.' },
  'id-conflict': { retry: 'never', status: 409, about: 'The id already names an entry with other content.' },
  'handle-taken': { retry: 'never', status: 409, about: 'Another account has this handle.' },
  'text-empty': { retry: 'never', status: 422, about: 'A message needs a text.' },
  'text-too-long': { retry: 'never', status: 422, about: 'The text has too many code points.' },
  'text-malformed': { retry: 'never', status: 422, about: 'The text contains NUL or a lone surrogate.' },
  'body-invalid': { retry: 'never', status: 422, about: 'The request is well-formed, but its values are not allowed.' },
  'body-too-large': { retry: 'never', status: 413, about: 'The request body is larger than this server accepts.' },
  'invite-invalid': { retry: 'never', status: 410, about: 'The invite is unknown, used up, expired or revoked.' },
  'registration-closed': { retry: 'never', status: 403, about: 'Joining this server needs an invite.' },
  'conversation-kind': { retry: 'never', status: 409, about: 'This is not possible in a conversation of this kind.' },
  'conversation-full': { retry: 'never', status: 409, about: 'The conversation has the most members allowed.' },
  'subject-gone': { retry: 'never', status: 410, about: 'The entry was erased, does not exist, or this account may not see it.' },
  'too-late': { retry: 'never', status: 409, about: 'The time limit for this has passed.' },
  'case-closed': { retry: 'never', status: 409, about: 'Somebody else of the staff has decided this case.' },
  'limit-reached': { retry: 'never', status: 409, about: 'The account already has the most of these allowed.' },
  'rate-limited': { retry: 'later', status: 429, about: 'Too many requests from this account, device or address.' },
  busy: { retry: 'later', status: 503, about: 'The server is at the limit of its capacity.' },
  unavailable: {
    retry: 'later',
    status: 503,
    about: 'The store cannot be written now (disk full, database unreachable). Nothing is lost; try again.',
  },
  internal: { retry: 'later', status: 500, about: 'A fault of the server.' },
} as const satisfies Record<string, { retry: Retry; status: number; about: string }>

export type RefusalCode = keyof typeof REFUSALS

/** Why an invite is no longer valid. An invite that nobody made has no reason. */
export const INVITE_FAULTS = ['used', 'expired', 'revoked'] as const

export type InviteFault = (typeof INVITE_FAULTS)[number]

/** A suspension, as the suspended person is told of it [B55]. */
export interface Suspension {
  readonly suspensionId: string
  readonly at: number
  /** Null: for good. */
  readonly until: number | null
  readonly reason: string
  /** How to appeal; may be empty. */
  readonly appeal: string
}

/** A refusal as a value. */
export interface Refusal {
  readonly code: RefusalCode
  /** Milliseconds until a retry makes sense; set when the code's retry is `later`. */
  readonly retryAfterMs?: number
  /** With `invite-invalid` only. */
  readonly why?: InviteFault
  /** With `suspended` only. */
  readonly suspension?: Suspension
  /** The bound that was reached, by its name in the limits that every server serves. */
  readonly limit?: LimitName
}

/**
 * WebSocket close codes. By range: after 4000-4099 the client reconnects and resumes; after 4100-4199 it does not come back with this token or this
 * program.
 */
export const CLOSE_CODES = {
  drain: { code: 4000, about: 'The server is about to stop; another one is ready, or will be soon.' },
  tooSlow: { code: 4001, about: 'The device read too slowly; resume from the cursors.' },
  silent: { code: 4002, about: 'The device was silent for too long.' },
  helloTimeout: { code: 4003, about: 'No hello arrived in time.' },
  superseded: { code: 4004, about: 'The same device has opened a newer connection.' },
  unavailable: { code: 4005, about: 'The server cannot serve this device now.' },
  tooManyBadFrames: { code: 4006, about: 'Too many frames were refused as malformed.' },
  signedOut: { code: 4100, about: 'The token is not valid, or the device is unknown: sign in.' },
  versionUnsupported: { code: 4101, about: 'The protocol version is not supported: reload the app.' },
  expired: { code: 4102, about: 'The time of the token is over, by the clock of the server. The device was not revoked.' },
  revoked: { code: 4103, about: 'The device was revoked by its account: it deletes what it stored, except what was not sent.' },
  suspended: {
    code: 4104,
    about: 'The account is suspended [B55]. The device keeps everything and asks again. Sent to devices with the feature `staff`; others get 4102.',
  },
} as const
