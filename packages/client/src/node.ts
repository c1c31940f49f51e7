import { createApi } from './api.ts'
import { createDevice } from './create-device.ts'
import type { DeviceHandle } from './device.ts'
import { openFileStore, type ProgramSession } from './file-store.ts'
import { createOpenSocket, socketUrl, systemClock, systemRandom } from './ports-web.ts'

export { openFileStore, type FileStore } from './file-store.ts'

export interface ProgramOptions {
  /** Address of the server's HTTP side, for example https://talk.example.org. */
  readonly serverUrl: string
  readonly handle: string
  readonly password: string
  readonly deviceName: string
  /** Storage of this device. The same file is the same device. */
  readonly file: string
  readonly onSignedOut?: () => void
}

/**
 * A device for a program. It signs in once and keeps its token in the file: the number of devices of an account is bounded, and a program that made a
 * new one at each start would run out of them. When its token is no longer valid, the next start signs in again, as the same device unless that was
 * revoked [F5]. Rejects when signing in is refused. The device is not started yet.
 */
export async function openDevice(options: ProgramOptions): Promise<DeviceHandle> {
  const store = openFileStore(options.file)
  let { token, deviceId } = store.readSession()
  const http = createApi({ baseUrl: options.serverUrl, token: () => token })
  if (token === null) {
    const { handle, password, deviceName } = options
    const answer = await http.call('signIn', { body: { handle, password, deviceName, ...(deviceId === null ? {} : { deviceId }) } })
    if (!answer.ok) {
      store.close()
      throw new Error(`signing in was refused: ${answer.refusal.code}`)
    }
    ;({ token, deviceId } = answer.value)
    store.writeSession({ token, deviceId })
  }

  /** A failed write costs nothing now: the old token still works, and the server will send the rest again. */
  function keep(session: ProgramSession): void {
    try {
      store.writeSession(session)
    } catch {
      return
    }
  }

  const device = createDevice({
    store,
    http,
    openSocket: createOpenSocket(socketUrl(options.serverUrl)),
    clock: systemClock,
    random: systemRandom,
    token,
    onToken: (given) => {
      token = given
      keep({ token, deviceId })
    },
    onSignedOut: (why) => {
      // The token of a revoked device stays until the device is wiped, so that a killed program wipes it at its next start.
      if (why === 'revoked')
        device.wipe().then(
          () => keep({ token: null, deviceId: null }),
          () => undefined,
        )
      else if (why === 'unknown') keep({ token: null, deviceId })
      options.onSignedOut?.()
    },
  })
  return device
}
