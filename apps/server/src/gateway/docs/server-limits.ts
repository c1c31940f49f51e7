import type { PublishedLimit } from '@bongsu/protocol/code-tables'
import { LOOKUP_BOUNDS } from '../../accounts/lookups.ts'
import { NAME_CHANGES } from '../../accounts/people.ts'
import { SIGN_IN_WINDOW_MS } from '../../accounts/sign-in-guard.ts'
import { TOKEN_VALID_MS } from '../../accounts/tokens.ts'
import { DELIVERY_BOUNDS } from '../../delivery/bounds.ts'
import { ADMISSION_BOUNDS } from '../admission.ts'
import { GATEWAY_BOUNDS } from '../bounds.ts'

/** Settings of the operator that a client meets. */
export interface ServerSettings {
  readonly heartbeatMs: number
  readonly framesPerSecond: number
  readonly framesBurst: number
  readonly requestsPerMinute: number
  readonly openRequestsPerMinute: number
  readonly textBytesPerHour: number
  readonly signInFailuresPerHandle: number
  readonly signInFailuresPerAddress: number
}

/** The bounds of this server that a client meets, besides those of the wire. */
export function serverLimits(settings: ServerSettings): readonly PublishedLimit[] {
  const limit = (name: string, value: number, unit: string, about: string): PublishedLimit => ({ name, value, unit, about })
  return [
    limit('heartbeatMs', settings.heartbeatMs, 'ms', 'Time between two beats.'),
    limit('silentHeartbeats', GATEWAY_BOUNDS.silentHeartbeats, 'heartbeats', 'A device that is silent for longer is closed with 4002.'),
    limit('helloMs', GATEWAY_BOUNDS.helloMs, 'ms', 'A connection without hello by then is closed with 4003.'),
    limit('helloHoldMs', ADMISSION_BOUNDS.holdMs, 'ms', 'The server may stay silent for this long after hello, when the turn of the device is near.'),
    limit('hellosPerDeviceBurst', ADMISSION_BOUNDS.perDevice.burst, 'hellos', 'Hellos of one device at once.'),
    limit(
      'helloPerDeviceMs',
      ADMISSION_BOUNDS.perDevice.intervalMs,
      'ms',
      'After the burst, one hello of a device in each such time. Others are refused as busy, with a turn.',
    ),
    limit(
      'framesPerSecond',
      settings.framesPerSecond,
      'frames',
      'Frames of one connection in a second, on average. Faster ones are read later, in order.',
    ),
    limit('framesBurst', settings.framesBurst, 'frames', 'Frames of one connection at once.'),
    limit('charsPerFrame', GATEWAY_BOUNDS.charsPerFrame, 'UTF-16 units', 'A frame counts once more for each so many.'),
    limit('slowedDownMsMax', GATEWAY_BOUNDS.lateMsMax, 'ms', 'A device that is slowed down repeatedly for this long is closed with 4005.'),
    limit(
      'sendsInFlightMax',
      GATEWAY_BOUNDS.sendsInFlightMax,
      'requests',
      'Unanswered sends and acts of one connection. Further ones are refused as busy. In one conversation: one.',
    ),
    limit('badFramesMax', GATEWAY_BOUNDS.badFramesMax, 'frames', 'Refused frames after which a connection is closed with 4006.'),
    limit('waitingBytesMax', DELIVERY_BOUNDS.bufferedBytesHard, 'bytes', 'A device with more waiting for it is closed with 4001.'),
    limit('stallMs', DELIVERY_BOUNDS.stallMs, 'ms', 'A device that reads nothing for this long is closed with 4001.'),
    limit('typingEveryMs', DELIVERY_BOUNDS.typingEveryMs, 'ms', 'Typing is forwarded once in this time.'),
    limit('auditsPerSecond', GATEWAY_BOUNDS.auditsPerSecond, 'audits', 'Audits of one device in a second, on average.'),
    limit('auditsBurst', GATEWAY_BOUNDS.auditsBurst, 'audits', 'Audits of one device at once.'),
    limit('requestsPerMinute', settings.requestsPerMinute, 'requests', 'HTTP requests of one account in a minute.'),
    limit('openRequestsPerMinute', settings.openRequestsPerMinute, 'requests', 'HTTP requests of one address in a minute without a token.'),
    limit('signInFailuresPerHandle', settings.signInFailuresPerHandle, 'tries', 'Failed sign-ins to one account in the window.'),
    limit('signInFailuresPerAddress', settings.signInFailuresPerAddress, 'tries', 'Failed sign-ins from one address in the window.'),
    limit('signInWindowMs', SIGN_IN_WINDOW_MS, 'ms', 'Window for counting failed sign-ins.'),
    limit('tokenValidMs', TOKEN_VALID_MS, 'ms', 'A token expires when it was not renewed for this long.'),
    limit('tokenRenewMs', GATEWAY_BOUNDS.tokenRenewMs, 'ms', 'A token older than this is renewed by the next welcome.'),
    limit('nameChangesMax', NAME_CHANGES.max, 'changes', 'Changes of a display name in the window.'),
    limit('nameChangesWindowMs', NAME_CHANGES.windowMs, 'ms', 'Window for counting changes of a display name.'),
    limit('handlesMax', LOOKUP_BOUNDS.handlesMax, 'handles', 'Handles that one account looks up in an hour.'),
    limit('metMs', LOOKUP_BOUNDS.metMs, 'ms', 'How long a person found by handle may be added as a friend by id.'),
    limit(
      'textBytesPerHour',
      settings.textBytesPerHour,
      'bytes',
      'Most that one account may write here in an hour; one conversation ten times as much.',
    ),
  ]
}
