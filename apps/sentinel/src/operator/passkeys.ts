import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Clock } from '../clock.ts'
import type { OperatorStore } from './operator-store.ts'

export const PASSKEY_BOUNDS = { answerBytesMax: 32_768 } as const

/** Passkeys (WebAuthn): a second way to sign in. The device checks its owner, so no name and no password is typed. */
export function createPasskeys(store: OperatorStore, clock: Clock, serviceUrl: string) {
  const { hostname: rpID, origin } = new URL(serviceUrl)
  const challenges = createChallenges(clock)
  const rpName = 'Bongsu'
  const common = {
    expectedChallenge: (challenge: string) => challenges.spend(challenge),
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
  } as const

  return {
    /** What the browser needs to make a passkey for a signed-in operator. */
    registration(operatorId: number, name: string): Promise<object> {
      return generateRegistrationOptions({
        rpName,
        rpID,
        userName: name,
        userID: randomBytes(16),
        challenge: challenges.make(),
        attestationType: 'none',
        excludeCredentials: store.passkeysOf(operatorId).map(({ id }) => ({ id })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
    },
    async register(operatorId: number, answer: string): Promise<boolean> {
      const response = parse(answer) as RegistrationResponseJSON | null
      if (response === null) return false
      const { verified, registrationInfo } = await proof(() => verifyRegistrationResponse({ response, ...common }))
      if (!verified || registrationInfo === undefined) return false
      const { id, publicKey, counter } = registrationInfo.credential
      return store.passkey(id) === null && store.addPasskey({ id, operatorId, publicKey, counter }, clock.now())
    },
    authentication: (): Promise<object> => generateAuthenticationOptions({ rpID, challenge: challenges.make(), userVerification: 'required' }),
    /** @returns the operator whose passkey it is; null when the answer proves nothing. */
    async authenticate(answer: string): Promise<number | null> {
      const response = parse(answer) as AuthenticationResponseJSON | null
      const credential = response === null ? null : store.passkey(response.id)
      if (response === null || credential === null) return null
      const { verified, authenticationInfo } = await proof(() => verifyAuthenticationResponse({ response, ...common, credential }))
      if (!verified || authenticationInfo === undefined) return null
      store.usedPasskey(credential.id, authenticationInfo.newCounter)
      return credential.operatorId
    },
  }
}

function parse(text: string): { readonly id: string } | null {
  if (Buffer.byteLength(text) > PASSKEY_BOUNDS.answerBytesMax) return null
  try {
    const answer = JSON.parse(text) as { readonly id?: unknown } | null
    return typeof answer?.id === 'string' ? { ...answer, id: answer.id } : null
  } catch {
    return null
  }
}

/** The library throws for every answer that is wrong. Nothing else happens in there. */
async function proof<Result extends { readonly verified: boolean }>(
  run: () => Promise<Result>,
): Promise<Partial<Result> & { readonly verified: boolean }> {
  try {
    return await run()
  } catch {
    return { verified: false } as Partial<Result> & { readonly verified: boolean }
  }
}

export const CHALLENGE_BOUNDS = {
  validMs: 5 * 60_000,
  /** Most spent challenges remembered. The oldest is forgotten first. */
  spentMax: 10_000,
} as const

const timeBytes = 8
const nonceBytes = 16
const macBytes = 32

/** Challenges for passkeys. They are signed and not stored, so that nobody can push out another's by asking for many. Each counts once. */
export function createChallenges(clock: Pick<Clock, 'monotonic'>) {
  const key = randomBytes(32)
  const spent = new Set<string>()
  const macOf = (head: Uint8Array): Buffer => createHmac('sha256', key).update(head).digest()
  return {
    make(): Uint8Array<ArrayBuffer> {
      const head = Buffer.alloc(timeBytes + nonceBytes)
      head.writeDoubleBE(clock.monotonic())
      randomBytes(nonceBytes).copy(head, timeBytes)
      return new Uint8Array(Buffer.concat([head, macOf(head)]))
    },
    /** @param challenge in base64url. @returns whether it is one of ours, in time, and was not spent before. */
    spend(challenge: string): boolean {
      const bytes = Buffer.from(challenge, 'base64url')
      if (bytes.length !== timeBytes + nonceBytes + macBytes) return false
      const head = bytes.subarray(0, timeBytes + nonceBytes)
      const name = head.toString('hex')
      const isOurs = timingSafeEqual(bytes.subarray(head.length), macOf(head))
      if (!isOurs || spent.has(name) || clock.monotonic() - head.readDoubleBE() >= CHALLENGE_BOUNDS.validMs) return false
      spent.add(name)
      const [oldest] = spent
      if (spent.size > CHALLENGE_BOUNDS.spentMax && oldest !== undefined) spent.delete(oldest)
      return true
    },
  }
}
