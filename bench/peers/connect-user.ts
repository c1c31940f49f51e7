import { connectMqtt } from './mqtt-user.ts'
import type { Wire } from './peer.ts'
import { connectSocketIo } from './socket-io-user.ts'
import type { ConnectUser } from './user.ts'
import { connectXmpp } from './xmpp-user.ts'

/** How a user of the load signs in, by what the peer speaks. */
export const CONNECT: Readonly<Record<Wire, ConnectUser>> = { xmpp: connectXmpp, mqtt: connectMqtt, 'socket.io': connectSocketIo }
