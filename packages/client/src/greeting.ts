import { DEVICE_FEATURES, LIMITS, type ConversationId, type DownFrameOf, type UpFrame } from '@bongsu/protocol'
import type { DeviceReplica } from './device-replica.ts'
import { namesIn } from './meta.ts'
import type { PeopleLookup } from './people-lookup.ts'
import { isAccountLogWhole } from './replica.ts'
import type { Sending } from './sending.ts'
import type { HelloForm } from './session.ts'
import type { Watching } from './watching.ts'

/** The first frames of device and server: `hello` with the device's cursors, `welcome` with the account and its history. */
export interface Greeting {
  hello(form: HelloForm): Extract<UpFrame, { t: 'hello' }>
  welcomed(frame: DownFrameOf<'welcome'>): void
}

export function createGreeting(options: {
  readonly token: string
  readonly replica: Pick<DeviceReplica, 'state' | 'apply'>
  readonly sending: Pick<Sending, 'refuseAll' | 'pump'>
  readonly people: Pick<PeopleLookup, 'again' | 'want'>
  readonly watching: Pick<Watching, 'welcomed'>
  readonly onToken: ((token: string) => void) | undefined
}): Greeting {
  const { replica, sending, people, watching } = options
  let { token } = options

  return {
    hello(form) {
      const { epoch, account, rooms, told } = replica.state()
      const cursors = [...rooms.values()].map((room): [ConversationId, number] => [room.conversationId, room.cursor])
      const hello = { t: 'hello', token, epoch, account, cursors: cursors.slice(-LIMITS.conversationsPerAccountMax) } as const
      if (form === 'plain') return hello
      const changes = [...rooms.values()].flatMap((room): [ConversationId, number][] => (room.change > 0 ? [[room.conversationId, room.change]] : []))
      // What the server has left out of the account log, as long as it did not know this device's features, is asked for anew [I10].
      const from = isAccountLogWhole(replica.state()) ? account : 0
      const tide = told === null || form === 'without tide' ? {} : { tide: [...told] as [string, string] }
      return { ...hello, account: from, features: [...DEVICE_FEATURES], changes: changes.slice(-LIMITS.conversationsPerAccountMax), ...tide }
    },
    welcomed(frame) {
      if (frame.token !== undefined) {
        token = frame.token
        options.onToken?.(token)
      }
      const { accountId } = replica.state()
      if (accountId !== null && accountId !== frame.accountId) sending.refuseAll('forbidden')
      replica.apply(frame)
      people.again()
      people.want([...replica.state().rooms.values()].flatMap((room) => namesIn(room.entries)))
      watching.welcomed()
      sending.pump()
    },
  }
}
