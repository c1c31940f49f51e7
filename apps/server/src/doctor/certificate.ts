import { connect } from 'node:tls'
import { DOCTOR_BOUNDS } from './bounds.ts'
import { fault, judged, warning, type Check, type Finding } from './finding.ts'

interface Certificate {
  /** Epoch ms. */
  readonly validTo: number
  /** Why a browser refuses it; null when it does not. */
  readonly refused: string | null
}

function fetchCertificate({ hostname, port }: URL): Promise<Certificate> {
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    // An expired or unknown certificate is what is looked for: nothing is sent to its owner.
    const socket = connect({
      host,
      port: Number(port || 443),
      ...(/[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}),
      rejectUnauthorized: false,
    })
    socket.setTimeout(DOCTOR_BOUNDS.askMs, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const validTo = Date.parse(socket.getPeerCertificate().valid_to)
      const error = socket.authorizationError as Error | string | null | undefined
      socket.destroy()
      resolve({ validTo, refused: socket.authorized ? null : String(error instanceof Error ? error.message : error) })
    })
  })
}

async function examine(address: string, now: number): Promise<Finding> {
  const nobody = 'Browsers and apps refuse the address: nobody can use the messenger.'
  const todo = 'Renew it, and look at the job that should have done so (certbot, Caddy, cert-manager).'
  try {
    const { validTo, refused } = await fetchCertificate(new URL(address))
    const days = Math.floor((validTo - now) / 86_400_000)
    if (validTo <= now) return fault('certificate/age', `The certificate of ${address} has expired.`, nobody, todo)
    if (refused !== null) return fault('certificate/trusted', `The certificate of ${address} is refused: ${refused}.`, nobody, todo)
    return judged(
      validTo - now >= DOCTOR_BOUNDS.certificateMsLeast,
      warning('certificate/age', `The certificate of ${address} is valid for ${days} more days.`, `Then: ${nobody.toLowerCase()}`, todo),
    )
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    return fault(
      'certificate/reached',
      `${address} cannot be reached: ${said}`,
      'Nobody can use the messenger.',
      'Look at the proxy in front of the server.',
    )
  }
}

export const certificateCheck: Check = {
  area: 'certificate',
  look: ({ publicAddresses, now }) =>
    Promise.all(publicAddresses.filter((address) => address.startsWith('https:')).map((address) => examine(address, now()))),
}
