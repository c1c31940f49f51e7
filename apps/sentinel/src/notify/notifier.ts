import { createHash } from 'node:crypto'
import { idOf } from '../acts/desk.ts'
import { pinsIn } from '../incident/pins.ts'
import type { Clock } from '../clock.ts'
import type { IncidentUpdate } from '../vocabulary/incident.ts'
import { isOpen } from '../incident/updates.ts'
import type { Language } from '../vocabulary/numbers.ts'
import { isStale } from '../publish/headline.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { MAILER_BOUNDS, type Letter, type Mailer, type MailResult } from './mailer.ts'
import { confirmMail, knownMail, noticeMail, type MailText } from './mail-text.ts'
import { changesOf, type Notice, type StoredNotice } from './notice.ts'
import type { NotifyStore } from './open-store.ts'
import type { Delivery, DeliveryCounts } from './delivery-store.ts'
import { allowedAt, retryDelay, spend } from './plan.ts'
import { faultOf } from '../record/unavailable.ts'
import type { SubscriberKeys } from './subscriber-keys.ts'
import type { Subscriber } from './subscriber-store.ts'
import { webhookPayload } from './webhook-payload.ts'
import type { WebhookSender } from './webhook-sender.ts'

export const NOTIFIER_BOUNDS = {
  /** Time between two checks for due deliveries. */
  lookMs: 1_000,
  tidyMs: 600_000,
  /** Most simultaneous webhook calls. */
  callsMax: 8,
  /** Most sections of one mail, and most parts sent to one webhook in a row before others get their turn. */
  togetherMax: 10,
  /**
   * Most notices kept while the disk takes none. The oldest are dropped first: all statements are in the record and are told again at the next start.
   */
  unwrittenMax: 1_000,
  /** Pause after the mail server was unavailable: the first one, and the longest. */
  pauseMsMin: 5_000,
  pauseMsMax: 300_000,
  /** Notices in a row refused by a mail server for want of such a mailbox, after which the subscription ends. */
  refusalsMax: 3,
} as const

export interface NotifierParts {
  readonly store: NotifyStore
  readonly keys: SubscriberKeys
  /** Null when no mail server is set: nobody is told by mail. */
  readonly mailer: Mailer | null
  readonly webhooks: WebhookSender
  readonly clock: Clock
  /** As published last. */
  readonly snapshot: () => Snapshot
  /** Address of our own HTTP server, without a trailing slash, for confirm and unsubscribe links. */
  readonly serviceUrl: string
  /** Language of machine-readable documents. */
  readonly apiLanguage: Language
  /** A warning for the operator. It never contains an address. */
  readonly warn: (sentence: string, cause?: unknown) => void
}

export type Notifier = ReturnType<typeof createNotifier>

export interface NotifierHealth extends DeliveryCounts {
  readonly subscribers: number
  readonly pending: number
  /** Why the mail server is unavailable; null when it works, as far as is known. */
  readonly mailFault: string | null
  /** Webhooks whose last call failed, switched-off ones included. */
  readonly failingWebhooks: number
}

export function createNotifier(parts: NotifierParts) {
  const { store, clock, mailer, webhooks, warn } = parts
  const busy = { mail: new Map<number, Promise<void>>(), webhook: new Map<number, Promise<void>>() }
  let unwritten: Notice[] = []
  let closed = false
  let storeFailed = false
  const pause = { until: Number.NEGATIVE_INFINITY, ms: 0, fault: null as string | null }
  const stops = [clock.every(NOTIFIER_BOUNDS.lookMs, look), clock.every(NOTIFIER_BOUNDS.tidyMs, () => guarded(tidy))]
  guarded(() => store.deliveries.recover(clock.now()))
  guarded(tidy)

  /** On a full disk or a missing file nothing is told now, and everything else goes on. */
  function guarded(run: () => void): void {
    if (closed) return
    try {
      run()
      storeFailed = false
    } catch (error) {
      // An error that is not the disk's is a bug.
      if (faultOf(error) === null) throw error
      if (!storeFailed) warn('The subscriber file cannot be used. Nobody is notified until it can.', error)
      storeFailed = true
    }
  }

  function tidy(): void {
    const now = clock.now()
    store.deliveries.tidy(now)
    store.subscribers.tidy(now)
    store.scrub()
  }

  function look(): void {
    guarded(() => {
      write()
      fill('mail', mailer === null || clock.monotonic() < pause.until ? 0 : MAILER_BOUNDS.connectionsMax)
      fill('webhook', NOTIFIER_BOUNDS.callsMax)
    })
  }

  function write(): void {
    if (unwritten.length === 0) return
    store.deliveries.plan(unwritten.map(storedOf), clock.now())
    unwritten = []
  }

  function storedOf(notice: Notice): StoredNotice {
    const { update } = notice
    const { incidents, maintenances } = parts.snapshot()
    const updates = [...incidents, ...maintenances].find((thing) => idOf(thing) === idOf(update))?.updates ?? []
    const changes = changesOf(
      update,
      updates.find(({ number }) => number === update.number - 1),
    )
    // What a person set stands: the sentinel's own statement changes nothing of it [S14].
    const stands = notice.kind === 'incident' && isOpen(notice.update) && update.by.kind === 'auto'
    const pinned = stands ? pinsIn((updates as readonly IncidentUpdate[]).filter(({ number }) => number < update.number)) : []
    return { notice, changes: changes.filter(({ component }) => !pinned.some((pin) => pin.component === component)) }
  }

  /** Starts as many deliveries as there is room for. A target gets one at a time, so that its news stays in order. */
  function fill(channel: 'mail' | 'webhook', most: number): void {
    const running = busy[channel]
    const free = most - running.size
    if (free <= 0) return
    const targets = store.deliveries.due(channel, clock.now(), most * NOTIFIER_BOUNDS.togetherMax).filter((target) => !running.has(target))
    for (const target of targets.slice(0, free)) running.set(target, work(channel, target))
  }

  async function work(channel: 'mail' | 'webhook', target: number): Promise<void> {
    try {
      await (channel === 'mail' ? mail(target) : callWebhook(target))
      // There may be more to do at once. After a disk fault the next check waits for the clock.
      if (!closed) clock.after(0, look)
    } catch (error) {
      guarded(() => {
        throw error
      })
    } finally {
      busy[channel].delete(target)
    }
  }

  // Mail ---------------------------------------------------------------------------------------------------------------------------------------

  async function mail(target: number): Promise<void> {
    const now = clock.now()
    const subscriber = store.subscribers.find(target)
    if (subscriber === null || mailer === null) return
    const due = store.deliveries.waiting('mail', target, now, NOTIFIER_BOUNDS.togetherMax)
    const letters = due.filter(({ subject }) => subject === 'letter')
    if (letters.length > 0) return sendLetter(mailer, subscriber, letters)
    const at = allowedAt(subscriber.spentUntil, now)
    const ids = due.map(({ id }) => id)
    if (at > now) return store.deliveries.putOff(ids, at, false, null)
    const told = due.flatMap(({ noticeKey, folds }) => {
      const stored = store.deliveries.notice(noticeKey)
      return stored === null ? [] : [{ notice: stored.notice, folds }]
    })
    if (told.length === 0) return store.deliveries.ended(ids, 'failed', 'the notice does not exist any more', now)
    const text = noticeMail(told, subscriber.language, parts.snapshot(), leaveUrl(target))
    const letter = letterOf(subscriber, text, due)
    const claim = (): boolean => store.deliveries.claim(ids, clock.now(), { target, until: spend(subscriber.spentUntil, clock.now()) })
    settle(await mailer.send(letter, claim), subscriber, due)
  }

  /** Asks to confirm, or says that the subscription exists. An unconfirmed person gets no unsubscribe link, because there is no subscription yet. */
  async function sendLetter(by: Mailer, subscriber: Subscriber, letters: readonly Delivery[]): Promise<void> {
    const { id, language, confirmedAt, expiresAt } = subscriber
    const confirmed = confirmedAt !== null
    const text = confirmed
      ? knownMail(language, parts.snapshot(), leaveUrl(id))
      : confirmMail(language, parts.snapshot(), `${parts.serviceUrl}/subscribe/confirm?token=${parts.keys.confirmToken(id, expiresAt ?? 0)}`)
    const letter = letterOf(subscriber, text, letters)
    const ids = letters.map((each) => each.id)
    settle(await by.send(letter, () => store.deliveries.claim(ids, clock.now())), subscriber, letters)
  }

  /** All later mails about a subject refer to the name of the first one, so that mail programs show them together. */
  function letterOf({ id, address, confirmedAt }: Subscriber, text: MailText, due: readonly Delivery[]): Letter {
    const host = new URL(parts.serviceUrl).hostname.replaceAll(/[^\w.-]/g, '')
    const subject = due[0]?.subject ?? ''
    const root = `${parts.keys.mailName('thread', id, subject)}@${host}`
    const first = due.length === 1 && subject !== 'letter' && store.deliveries.toldBefore(id, subject) === 0
    const messageId = first ? root : `${parts.keys.mailName('mail', id, ...due.map(({ noticeKey }) => noticeKey))}@${host}`
    const references = first || subject === 'letter' ? null : root
    return { to: address, ...text, messageId, references, leaveUrl: confirmedAt === null ? null : leaveUrl(id) }
  }

  const leaveUrl = (id: number): string => `${parts.serviceUrl}/unsubscribe?token=${parts.keys.leaveToken(id)}`

  function settle(result: MailResult, subscriber: Subscriber, due: readonly Delivery[]): void {
    const now = clock.now()
    const ids = due.map(({ id }) => id)
    if (result.kind !== 'again' || result.own) resume()
    switch (result.kind) {
      case 'told':
        store.deliveries.ended(ids, 'told', null, now)
        return store.subscribers.reached(subscriber.id)
      case 'unknown':
        return store.deliveries.ended(ids, 'unknown', result.reason, now)
      case 'withdrawn':
        // Usually newer news has replaced them, and they do not wait any more.
        return store.deliveries.putOff(ids, now + NOTIFIER_BOUNDS.pauseMsMin, false, null)
      case 'refused': {
        store.deliveries.ended(ids, 'failed', result.reason, now)
        const gone = result.address && store.subscribers.refused(subscriber.id) >= NOTIFIER_BOUNDS.refusalsMax
        if (gone && store.subscribers.forget(subscriber.id)) warn('A subscriber’s mailbox does not exist any more. The subscription has ended.')
        return
      }
      case 'again':
        if (result.own) return again(due, result.reason)
        hold(result.reason)
        return store.deliveries.putOff(ids, now, false, result.reason)
    }
  }

  /** The mail server itself is unavailable: no delivery counts a try, and all wait, longer each time. */
  function hold(reason: string): void {
    // Several mails may have been on their way. Their failures are one fault.
    if (clock.monotonic() < pause.until) return
    if (pause.fault === null) warn(`The mail server cannot be used: ${reason}`)
    pause.fault = reason
    pause.ms = Math.min(NOTIFIER_BOUNDS.pauseMsMax, Math.max(NOTIFIER_BOUNDS.pauseMsMin, pause.ms * 2))
    pause.until = clock.monotonic() + pause.ms
  }

  function resume(): void {
    pause.ms = 0
    pause.fault = null
  }

  /** Plans each of them for another try, or ends it as failed. */
  function again(due: readonly Delivery[], reason: string): void {
    const now = clock.now()
    for (const { id, tries } of due) {
      const delay = retryDelay(tries + 1)
      if (delay === null) store.deliveries.ended([id], 'failed', reason, now)
      else store.deliveries.putOff([id], now + delay, true, reason)
    }
  }

  // Webhooks -----------------------------------------------------------------------------------------------------------------------------------

  async function callWebhook(target: number): Promise<void> {
    const webhook = store.webhooks.find(target)
    const [due] = store.deliveries.waiting('webhook', target, clock.now(), 1)
    if (webhook === null || due === undefined) return
    if (webhook.disabledAt !== null) return store.deliveries.ended([due.id], 'failed', 'the webhook is switched off', clock.now())
    const stored = store.deliveries.notice(due.noticeKey)
    const snapshot = parts.snapshot()
    const source = { snapshot, stale: isStale(snapshot.measuredAt, clock.now()), language: parts.apiLanguage }
    const settingsUrl = `${parts.serviceUrl}/operator/webhooks`
    const payload = stored === null ? null : webhookPayload(stored, due.part, source, settingsUrl, clock.now())
    if (payload === null) return store.deliveries.ended([due.id], 'failed', 'the notice does not exist any more', clock.now())
    if (!store.deliveries.claim([due.id], clock.now())) return
    // The same at each try and after each start, so that a receiver recognises repeats.
    const id = createHash('sha256').update(`${due.noticeKey} ${due.part}`).digest('hex').slice(0, 32)
    const fault = await webhooks.send({ url: webhook.url, body: JSON.stringify(payload), secret: parts.keys.webhookSecret(target), id })
    if (closed) return
    if (fault === null) {
      store.deliveries.ended([due.id], 'told', null, clock.now())
      return store.webhooks.reached(target, clock.now())
    }
    again([due], fault)
    if (store.webhooks.failed(target, fault, retryDelay(due.tries + 1) === null, clock.now()))
      warn('A webhook has failed for three days and is switched off; the operator page shows which.')
  }

  return {
    /**
     * Tells everybody, once. May be called again with the same notices, and must be called after a start, so that people are told what was said while
     * the sentinel was down. Never throws: while the disk is full, notices wait in memory.
     */
    tell(notices: readonly Notice[]): void {
      unwritten = [...unwritten, ...notices].slice(-NOTIFIER_BOUNDS.unwrittenMax)
      look()
    },
    /** Checks at once for due deliveries, because someone asked for a letter. */
    look,
    health(): NotifierHealth {
      const { confirmed, pending } = store.subscribers.counts()
      const failingWebhooks = store.webhooks.list().filter(({ note }) => note !== null).length
      return { ...store.deliveries.counts(clock.now()), subscribers: confirmed, pending, mailFault: pause.fault, failingWebhooks }
    },
    /** Aborts sending at once. Unclaimed deliveries are sent after the next start. */
    async close(): Promise<void> {
      for (const stop of stops) stop()
      closed = true
      mailer?.close()
      webhooks.close()
      await Promise.all([...busy.mail.values(), ...busy.webhook.values()])
    },
  }
}
