/**
 * What a client should do after a refusal. The code is API, texts are not.
 * - never: the same request can never succeed; take it out of the outbox and show why.
 * - later: the same request, unchanged, after `retryAfterMs`.
 * - resume: close, connect again and say hello from the stored cursors.
 */
export type Retry = 'never' | 'later' | 'resume'

/** Every way a request can be refused, for frames and HTTP alike. `status` is the HTTP status when it answers a request. */
export const REFUSALS = {
  'frame-malformed': { retry: 'never', status: 400, about: 'Not a frame of this protocol: not JSON, or a field is missing or of the wrong type.' },
  'frame-unknown': { retry: 'never', status: 400, about: 'The frame type is not one this server knows.' },
  'frame-not-text': { retry: 'never', status: 400, about: 'Binary frames are not part of this protocol.' },
  'hello-expected': { retry: 'resume', status: 400, about: 'The first frame must be hello, and there is only one.' },
  'version-unsupported': { retry: 'never', status: 426, about: 'This server does not speak that protocol version; load the app anew.' },
  unauthenticated: { retry: 'never', status: 401, about: 'The token is missing, forged, expired or revoked; sign in again.' },
  'sign-in-failed': { retry: 'never', status: 401, about: 'Handle and password do not belong together.' },
  forbidden: { retry: 'never', status: 403, about: 'This account may not do that.' },
  'not-found': { retry: 'never', status: 404, about: 'No such thing, or not for this account to see.' },
  'not-a-member': { retry: 'never', status: 404, about: 'This account is not in that conversation, or there is none.' },
  'id-conflict': { retry: 'never', status: 409, about: 'That id already names an entry with other content.' },
  'handle-taken': { retry: 'never', status: 409, about: 'Another account has this handle.' },
  'text-empty': { retry: 'never', status: 422, about: 'A message needs text.' },
  'text-too-long': { retry: 'never', status: 422, about: 'More code points than a text may have.' },
  'text-malformed': { retry: 'never', status: 422, about: 'The text holds NUL or a lone surrogate.' },
  'body-invalid': { retry: 'never', status: 422, about: 'The request is well-formed but its values are not allowed.' },
  'body-too-large': { retry: 'never', status: 413, about: 'The request body is larger than this server reads.' },
  'invite-invalid': { retry: 'never', status: 410, about: 'The invite is unknown, used up, expired or revoked.' },
  'registration-closed': { retry: 'never', status: 403, about: 'Joining this server needs an invite.' },
  'conversation-kind': { retry: 'never', status: 409, about: 'That cannot be done in a conversation of this kind.' },
  'conversation-full': { retry: 'never', status: 409, about: 'The conversation has as many members as it may have.' },
  'subject-gone': { retry: 'never', status: 410, about: 'The entry that this is about was erased, is not there, or is not for this account to see.' },
  'too-late': { retry: 'never', status: 409, about: 'The time in which that may be done has passed.' },
  'limit-reached': { retry: 'never', status: 409, about: 'The account already has as many of these as it may have.' },
  'rate-limited': { retry: 'later', status: 429, about: 'Too many requests from this account, device or address.' },
  busy: { retry: 'later', status: 503, about: 'The server has as much to do as it can hold.' },
  unavailable: { retry: 'later', status: 503, about: 'The store cannot be written now (disk full, database away). Nothing is lost; try again.' },
  internal: { retry: 'later', status: 500, about: 'A fault of the server.' },
} as const satisfies Record<string, { retry: Retry; status: number; about: string }>

export type RefusalCode = keyof typeof REFUSALS

/** A refusal as a value. */
export interface Refusal {
  readonly code: RefusalCode
  /** Milliseconds until it is worth trying again; set when the code's retry is `later`. */
  readonly retryAfterMs?: number
}

/**
 * WebSocket close codes. By range: 4000-4099 the client comes back and resumes; 4100-4199 it does not come back
 * with this token or this program.
 */
export const CLOSE_CODES = {
  drain: { code: 4000, about: 'The server is about to stop; another is ready, or will be soon.' },
  tooSlow: { code: 4001, about: 'The device read slower than it was sent to; resume from the cursors.' },
  silent: { code: 4002, about: 'Nothing was heard from the device for too long.' },
  helloTimeout: { code: 4003, about: 'No hello came in time.' },
  superseded: { code: 4004, about: 'The same device has opened a newer connection.' },
  unavailable: { code: 4005, about: 'The server cannot serve this device now.' },
  tooManyBadFrames: { code: 4006, about: 'Too many frames were refused as malformed.' },
  signedOut: { code: 4100, about: 'The token is not valid, or the device was revoked: sign in.' },
  versionUnsupported: { code: 4101, about: 'The protocol version is not spoken here: load the app anew.' },
} as const
