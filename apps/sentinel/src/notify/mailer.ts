import { isIPv4 } from 'node:net'
import { Readable } from 'node:stream'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { NodemailerError } from 'nodemailer'
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

interface Line {
  readonly connection: SMTPConnection
  mails: number
  stopIdle: () => void
}

/** Sends mails through one server. The caller must respect MAILER_BOUNDS.connectionsMax. */
export function createMailer({ url, from, clock }: MailerSettings): Mailer {
  const { options, auth } = readSmtpUrl(url)
  const idle: Line[] = []
  const all = new Set<Line>()
  let closed = false

  function takeLine(): Line {
    const kept = idle.pop()
    kept?.stopIdle()
    if (kept !== undefined) return kept
    const line: Line = { connection: new SMTPConnection(options), mails: 0, stopIdle: () => undefined }
    all.add(line)
    line.connection.once('end', () => drop(line))
    return line
  }

  function keep(line: Line): void {
    line.mails++
    if (closed || line.mails >= MAILER_BOUNDS.mailsPerConnection || line.connection.destroyed) return drop(line)
    line.stopIdle = clock.after(MAILER_BOUNDS.idleMs, () => drop(line))
    idle.push(line)
  }

  function drop(line: Line): void {
    line.stopIdle()
    all.delete(line)
    const at = idle.indexOf(line)
    if (at >= 0) idle.splice(at, 1)
    line.connection.close()
  }

  /** One try over one connection. `worn`: a kept connection that the server had closed before anything of this mail was sent. */
  async function attempt(letter: Letter, claim: () => boolean): Promise<{ readonly result: MailResult; readonly worn: boolean }> {
    const message = await compose(letter, from)
    const line = takeLine()
    const progress: Progress = { step: 'connecting', late: false, fault: null }
    const stop = clock.after(MAILER_BOUNDS.mailMs, () => {
      progress.late = true
      drop(line)
    })
    try {
      if (line.mails === 0) await connect(line.connection, auth)
      progress.step = 'talking'
      await transmit(line.connection, { from: from.address, to: letter.to }, message, claim, progress)
      keep(line)
      return { result: { kind: 'told' }, worn: false }
    } catch (error) {
      drop(line)
      if (progress.fault !== null) throw progress.fault
      return { result: resultOf(error, progress), worn: line.mails > 0 && progress.step === 'talking' && !progress.late && !hasAnswer(error) }
    } finally {
      stop()
    }
  }

  return {
    async send(letter, claim) {
      const { result, worn } = await attempt(letter, claim)
      return worn && !closed ? (await attempt(letter, claim)).result : result
    },
    close() {
      closed = true
      for (const line of all) drop(line)
    },
  }
}

interface Progress {
  step: 'connecting' | 'talking' | 'claimed' | 'withdrawn'
  late: boolean
  /** An error thrown by the claim. */
  fault: Error | null
}

function connect(connection: SMTPConnection, auth: Auth | null): Promise<void> {
  return new Promise((resolve, reject) => {
    // The listener stays: a kept connection may fail while it is idle, and an 'end' event follows.
    connection.on('error', reject)
    connection.once('end', () => reject(new Error('The mail server ended the connection.')))
    connection.connect((fault) => {
      if (fault !== undefined && fault !== null) reject(fault)
      else if (auth === null) resolve()
      else if (!connection.allowsAuth) reject(new Error('The mail server offers no sign-in, but the setting contains a user and a password.'))
      else connection.login({ user: auth.user, credentials: auth }, (refused) => (refused === null ? resolve() : reject(refused)))
    })
  })
}

function transmit(
  connection: SMTPConnection,
  envelope: { readonly from: string; readonly to: string },
  message: Buffer,
  claim: () => boolean,
  progress: Progress,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const ended = (): void => reject(new Error('The mail server ended the connection.'))
    async function* parts(): AsyncGenerator<Buffer> {
      yield message
      // Everything but the end has been sent.
      if (granted(claim, progress)) return
      reject(new Error('withdrawn'))
      connection.close()
      // Never returns: returning would send the final dot.
      await new Promise(() => undefined)
    }
    connection.once('end', ended)
    connection.send(envelope, Readable.from(parts()), (error) => {
      connection.off('end', ended)
      if (error === null) resolve()
      else reject(error)
    })
  })
}

function granted(claim: () => boolean, progress: Progress): boolean {
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

function resultOf(error: unknown, { step, late }: Progress): MailResult {
  const fault = (error instanceof Error ? error : new Error(String(error))) as NodemailerError
  const reason = (late ? 'The mail server took too long.' : fault.message)
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

function hasAnswer(error: unknown): boolean {
  return error instanceof Error && 'responseCode' in error && error.responseCode !== undefined
}

function compose(letter: Letter, from: MailerSettings['from']): Promise<Buffer> {
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
  if (letter.leaveUrl !== null) {
    headers['List-Unsubscribe'] = `<${letter.leaveUrl}>`
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click'
  }
  const { subject, text, html } = letter
  const mail = new MailComposer({
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
  })
  return mail.compile().build()
}

/** A header is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

interface Auth {
  readonly user: string
  readonly pass: string
}

function readSmtpUrl(url: string): { readonly options: ConstructorParameters<typeof SMTPConnection>[0]; readonly auth: Auth | null } {
  const { protocol, hostname, port, username, password } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'smtps:'
  // A mail server on this machine often has a self-signed certificate, and nobody can listen in between.
  const loopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
  const auth = username === '' && password === '' ? null : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return {
    options: {
      host,
      port: port === '' ? (secure ? 465 : loopback ? 25 : 587) : Number(port),
      secure,
      ignoreTLS: loopback && !secure,
      // A password is never sent unencrypted.
      requireTLS: !secure && !loopback && auth !== null,
      connectionTimeout: MAILER_BOUNDS.connectMs,
      greetingTimeout: MAILER_BOUNDS.connectMs,
      dnsTimeout: MAILER_BOUNDS.connectMs,
      socketTimeout: MAILER_BOUNDS.silenceMs,
      maxResponseSize: MAILER_BOUNDS.answerBytesMax,
    },
    auth,
  }
}
