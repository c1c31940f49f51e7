import { Type } from 'typebox'
import { described } from './described.ts'
import { LIMITS } from './limits.ts'
import { TimeSchema } from './message.ts'

export const count = (description: string) => Type.Integer({ minimum: 0, description })

/** One sample of how a server process is in contact with its people [F2]. */
export const FiguresSchema = Type.Object({
  at: described(TimeSchema, 'When the sample was taken.'),
  process: Type.String({ description: 'Name of this process, new at each start.' }),
  cell: Type.String({ description: 'Name of this server’s share of the people (BONGSU_CELL).' }),
  startedAt: described(TimeSchema, 'When this process started.'),
  connectedUsers: count('Accounts with a connection that answered its last beat in time and takes its data.'),
  silent: Type.Array(
    Type.Object({
      agoMs: count('Age of the last sign of life, rounded down to a multiple of LIMITS.silentSliceMs.'),
      users: Type.Integer({ minimum: 1, description: 'Accounts whose last sign of life has this age.' }),
    }),
    {
      maxItems: LIMITS.silentSlicesMax,
      description:
        'Accounts not heard from within the last 10 minutes: lost without a farewell, or connected without answering for more than 5 s. Youngest first, without empty slices.',
    },
  ),
  failedUsers: count(
    'Accounts whom this server failed in the last 30 s and has not served since: refused as busy, unavailable or internal, or unanswered for 5 s.',
  ),
  connections: count('Open connections of devices.'),
  signInsTried: count('Sign-ins since the start of this process.'),
  signInsFailed: count('Sign-ins that failed by the server’s fault: refused as busy, unavailable or internal, or not answered within 5 s.'),
  reconnects: count('Connections that replaced one lost without a farewell.'),
  accepted: count('Messages that were accepted.'),
  refusedBusy: count('Messages and devices told to come back later.'),
  unsafe: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Settings of the database with which confirmed messages could be lost, as the operator has allowed. Left out without any.',
    }),
  ),
})
