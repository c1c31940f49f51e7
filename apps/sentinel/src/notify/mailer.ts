import { isIPv4 } from 'node:net'
import { Transform } from 'node:stream'
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer'
import type { Clock } from '../clock.ts'

export const MAILER_BOUNDS = {
  /** Most simultaneous connections to the mail server. */
  connectionsMax: 4,
  connectMs: 10_000,
  /** Longest silence of the server in the middle of a mail. */
  silenceMs: 30_000,
  /** Limit for one mail, connecting included, however busily the server talks. */
  mailMs: 90_000,
  /** How long an idle connection is kept. */
  idleMs: 20_000,
  mailsPerConnection: 100,
  /** Largest single answer of the server. */
  answerBytesMax: 65_536,
  reasonCharsMax: 200,
} as const

export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Without angle brackets. */
  readonly messageId: string
  /** The first mail about the same subject, so that mail programs show them together. */
  readonly references: string | null
  /** Where one click, or one POST of a mail program, ends the subscription (RFC 8058). Null: this mail does not belong to a subscription yet. */
  readonly leaveUrl: string | null
}

/**
 * - told: the server has accepted the mail.
 * - again: the server has not accepted it and may do so later. `own`: it deferred this mail; otherwise the server itself was unavailable.
 * - refused: the server will never accept it. `address`: because of this recipient.
 * - unknown: the whole mail was sent and no answer came. It may have arrived.
 * - withdrawn: the claim was not granted; nothing arrived.
 */
export type MailResult =
  | { readonly kind: 'told' }
  | { readonly kind: 'again'; readonly own: boolean; readonly reason: string }
  | { readonly kind: 'refused'; readonly address: boolean; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'withdrawn' }

export interface Mailer {
  /**
   * @param claim asked at the last moment, when the server has everything but the dot that ends a mail. Until then nothing can have arrived: a
   *   server must discard an unfinished mail (RFC 5321, 4.1.1.4). The state that is durable when `claim` returns therefore guarantees that nobody is
   * told twice.
   * @throws what `claim` throws; nothing arrived then.
   */
  send(letter: Letter, claim: () => boolean): Promise<MailResult>
  close(): void
}

export interface MailerSettings {
  /** Such as smtps://user:password@mail.example.kr or smtp://localhost:25. */
  readonly url: string
  readonly from: { readonly name: string; readonly address: string }
  readonly clock: Clock
}

/** How far a mail has come. */
interface Progress {
  step: 'connecting' | 'talking' | 'claimed' | 'withdrawn'
  late: boolean
  /** An error thrown by the claim. */
  fault: Error | null
}

/** Sends mails through one server, with nodemailer's pool. The caller must respect MAILER_BOUNDS.connectionsMax. */
export function createMailer({ url, from, clock }: MailerSettings): Mailer {
  const transport = createTransport(optionsOf(url))
  const asks = new WeakMap<object, () => Transform>()
  transport.use('stream', (mail, done) => {
    const ask = asks.get(mail.data.headers as object)
    if (ask !== undefined) mail.message.transform(ask)
    done()
  })
  const running = new Set<() => void>()

  return {
    async send(letter, claim) {
      const progress: Progress = { step: 'connecting', late: false, fault: null }
      const mail = mailOf(letter, from)
      asks.set(mail.headers as object, () => {
        // Called when the connection stands, also again when it was a kept one that the server had closed before anything of this mail was sent.
        if (progress.step === 'connecting') progress.step = 'talking'
        return new Transform({
          transform: (chunk, _encoding, done) => done(null, chunk),
          // Everything but the end has been sent. An error here ends the connection without the final dot.
          flush: (done) => done(granted(claim, progress) ? null : new Error('withdrawn')),
        })
      })
      let end: () => void = () => undefined
      const late = new Promise<never>((_resolve, reject) => {
        end = () => {
          progress.late = true
          reject(new Error('The mail server took too long.'))
        }
      })
      running.add(end)
      const stop = clock.after(MAILER_BOUNDS.mailMs, end)
      try {
        await Promise.race([transport.sendMail(mail), late])
        return { kind: 'told' }
      } catch (error) {
        if (progress.fault !== null) throw progress.fault
        return resultOf(error, progress)
      } finally {
        stop()
        running.delete(end)
      }
    },
    close() {
      for (const end of running) end()
      transport.close()
    },
  }
}

/** A mail is claimed once, and never when nobody waits for it any more. */
function granted(claim: () => boolean, progress: Progress): boolean {
  if (progress.step === 'claimed') return false
  try {
    progress.step = !progress.late && claim() ? 'claimed' : 'withdrawn'
  } catch (error) {
    progress.step = 'withdrawn'
    progress.fault = error instanceof Error ? error : new Error(String(error))
  }
  return progress.step === 'claimed'
}

/** RFC 3463: bad mailbox, bad domain, moved, no mail accepted there. Other refusals (no relaying, a full mailbox) say nothing about the address. */
const NO_SUCH_ADDRESS = /^5\d\d[ -]5\.1\.(?:1|2|3|6|10)\b/m

function resultOf(error: unknown, { step }: Progress): MailResult {
  const fault = (error instanceof Error ? error : new Error(String(error))) as NodemailerError
  const reason = fault.message
    .replaceAll(/\s+/g, ' ')
    // Servers often quote the recipient, which belongs in no log.
    .replaceAll(/[^\s<>:,;]+@[^\s<>:,;]+/g, '…')
    .slice(0, MAILER_BOUNDS.reasonCharsMax)
  if (step === 'withdrawn') return { kind: 'withdrawn' }
  if (step === 'connecting') return { kind: 'again', own: false, reason }
  if (fault.responseCode === undefined) return step === 'claimed' ? { kind: 'unknown', reason } : { kind: 'again', own: true, reason }
  // 421: the server shuts down, whatever is sent. A refused sender is refused for every mail, which means a wrong setting.
  if (fault.responseCode === 421 || fault.command === 'MAIL FROM') return { kind: 'again', own: false, reason }
  return fault.permanent === true
    ? { kind: 'refused', address: NO_SUCH_ADDRESS.test(fault.response ?? ''), reason }
    : { kind: 'again', own: true, reason }
}

function mailOf(letter: Letter, from: MailerSettings['from']): SendMailOptions {
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
  if (letter.leaveUrl !== null) {
    headers['List-Unsubscribe'] = `<${letter.leaveUrl}>`
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click'
  }
  const { subject, text, html } = letter
  return {
    from: { name: oneLine(from.name), address: from.address },
    to: { name: '', address: letter.to },
    subject: oneLine(subject),
    text,
    html,
    headers,
    messageId: `<${letter.messageId}>`,
    ...(letter.references === null ? {} : { references: `<${letter.references}>` }),
    textEncoding: 'base64',
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** A header is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

function optionsOf(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'smtps:'
  // A mail server on this machine often has a self-signed certificate, and nobody can listen in between.
  const loopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
  const auth = username === '' && password === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return {
    pool: true,
    host,
    port: port === '' ? (secure ? 465 : loopback ? 25 : 587) : Number(port),
    secure,
    ignoreTLS: loopback && !secure,
    // A password is never sent unencrypted.
    requireTLS: !secure && !loopback && auth !== undefined,
    ...(auth === undefined ? {} : { auth }),
    maxConnections: MAILER_BOUNDS.connectionsMax,
    maxMessages: MAILER_BOUNDS.mailsPerConnection,
    maxRequeues: 1,
    idleTimeout: MAILER_BOUNDS.idleMs,
    connectionTimeout: MAILER_BOUNDS.connectMs,
    greetingTimeout: MAILER_BOUNDS.connectMs,
    dnsTimeout: MAILER_BOUNDS.connectMs,
    socketTimeout: MAILER_BOUNDS.silenceMs,
    maxResponseSize: MAILER_BOUNDS.answerBytesMax,
  } as const
}
