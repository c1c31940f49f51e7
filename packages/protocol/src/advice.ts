import type { CLOSE_CODES, RefusalCode } from './refusals.ts'

/** What the author of a client should let it do after each refusal. Apart from `REFUSALS`, so that browsers load no texts for authors. */
export const REFUSAL_ADVICE: { readonly [Code in RefusalCode]: string } = {
  'frame-malformed': 'Correct the client. After hello: send hello once more without `features` and `changes`.',
  'frame-unknown': 'The server is older than the client. Send only what its features name.',
  'frame-not-text': 'Send text messages.',
  'hello-expected': 'Connect again and send hello first, once.',
  'version-unsupported': 'Stop. Tell the person to update the app. Keep the outbox.',
  unauthenticated: 'Stop. Ask the person to sign in, with the deviceId of this device. Keep the outbox.',
  'sign-in-failed': 'Ask for the handle and the password again.',
  forbidden: 'Do not offer this to this person.',
  'not-found': 'Treat it as gone.',
  'not-a-member': 'Treat the conversation as left. The account log says the rest.',
  'id-conflict': 'Correct the client: never use an id twice. After a restore, drop the message: it exists in another form.',
  'handle-taken': 'Ask for another handle.',
  'text-empty': 'Do not send it. Say that something has to be written.',
  'text-too-long': 'Do not send it. Say how long it may be.',
  'text-malformed': 'Do not send it. Remove NUL, lone surrogates and, in names, control characters.',
  'body-invalid': 'Compare the request with the schema and the rules of its fields.',
  'body-too-large': 'Send less in one request.',
  'invite-invalid': 'Ask for a new invite.',
  'registration-closed': 'Ask for an invite link.',
  'conversation-kind': 'Do not offer this in a conversation of this kind.',
  'conversation-full': 'Say that no more people can be invited.',
  'subject-gone': 'Drop the act. Show the entry as it is now.',
  'too-late': 'Drop the act. Say that the time limit has passed.',
  'limit-reached': 'Say what the person can remove to make room.',
  'rate-limited': 'Send it again after `retryAfterMs`.',
  busy: 'Send it again after `retryAfterMs`. After hello it is a turn: come back at exactly that time.',
  unavailable: 'Keep everything. Send it again after `retryAfterMs`, or after a growing random wait.',
  internal: 'Keep everything. Send it again after `retryAfterMs`, or after a growing random wait.',
}

/** What a client does after each close code. */
export const CLOSE_ADVICE: { readonly [Name in keyof typeof CLOSE_CODES]: string } = {
  drain: 'Come back after a random time up to `spreadMs` of the drain frame.',
  tooSlow: 'Connect again and resume. Read frames as they arrive.',
  silent: 'Connect again and resume. Answer WebSocket pings.',
  helloTimeout: 'Connect again, and send hello at once.',
  superseded: 'Connect again after a growing wait. Never let two programs use one device: they would close each other for ever.',
  unavailable: 'Come back after the `retryAfterMs` of the refusal before it; without one, after a random time up to `reconnectSpreadMs`.',
  tooManyBadFrames: 'Correct the client. Connect again and resume.',
  signedOut: 'Stop. Ask the person to sign in, with the deviceId of this device. Keep the outbox.',
  expired: 'Ask the person to sign in, as after 4100. Keep the token and everything stored, and say hello again every ten minutes.',
  revoked: 'Delete everything stored, except entries and acts that were not accepted. Ask the person to sign in, as a new device.',
  versionUnsupported: 'Stop. Tell the person to update the app. Keep the outbox.',
}
