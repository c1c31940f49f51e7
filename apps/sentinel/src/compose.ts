import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createAddressOf, visitorOf } from './notify/visitor-limit.ts'
import { steadyClock, systemClock, type Clock } from './clock.ts'
import type { Config } from './config.ts'
import { openFiles, type SentinelFiles } from './files.ts'
import { createJudge } from './judge/judge.ts'
import type { Judge } from './judge/judgement.ts'
import { withTicks } from './judge/replay.ts'
import type { Log } from './log.ts'
import { createMailer } from './notify/mailer.ts'
import { noticesSince } from './notify/notice.ts'
import { createNotifier } from './notify/notifier.ts'
import { PLAN_BOUNDS } from './notify/plan.ts'
import { mountSubscriptions } from './notify/subscriptions.ts'
import { createWebhookSender } from './notify/webhook-sender.ts'
import { mountOperator } from './operator/mount.ts'
import { firstOperatorLink } from './operator/sign-in.ts'
import { createPasswords } from './operator/passwords.ts'
import { createDayCounter } from './present/day-counter.ts'
import { Desk } from './present/desk.ts'
import { EVIDENCE_KINDS, evidenceOf, newsOf } from './present/evidence.ts'
import { keepDays } from './present/keep-days.ts'
import { createAsk } from './probe/ask.ts'
import { startProbing } from './probe/canary-probing.ts'
import { createDeviceWords } from './probe/device-words.ts'
import { createIntake, type Intake } from './probe/intake.ts'
import { OBSERVATIONS_PATH, postedBytesMax } from './probe/posted.ts'
import { createBatchSender } from './probe/send-batches.ts'
import { systemRandom } from './probe/ports.ts'
import { createPages } from './publish/pages.ts'
import { createPublisher, type PublisherParts } from './publish/publisher.ts'
import { targetsOf } from './targets-of.ts'
import { holdLock } from './record/lock.ts'
import type { Component } from './vocabulary/observation.ts'
import { whenRoom } from './record/room.ts'
import { translated } from './record/unavailable.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import { Watch } from './watch.ts'

const HOUR_MS = 3_600_000
/** A restart must not look like a change: the judge hears this much again. */
const LATELY_MS = 15 * 60_000
/** Least time between two warnings about the same unwritable place. */
const WARN_EVERY_MS = 60_000
/** Time between two rounds of packing and dropping old evidence. */
const TIDY_EVERY_MS = 60_000

export interface SentinelOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
  /** Shows a text to the person who started the program, later than the start. See `welcome` below. */
  readonly say: (text: string) => void
}

export interface RunningSentinel {
  /** Port of the pages. Null for a post, which only observes for a main sentinel. */
  readonly port: number | null
  readonly url: string
  /** Text for the person who started the program: a link that is shown once. Null when there is nothing to show. */
  readonly welcome: string | null
  stop(): Promise<void>
}

/** Puts the sentinel together. @throws when it cannot start; nothing is left half started then. */
export async function startSentinel(options: SentinelOptions): Promise<RunningSentinel> {
  const { config, log } = options
  if (config.main !== '') return startPost(options)
  const files = openFiles(config.data, systemClock, log)
  try {
    return await startMain(options, files)
  } catch (cause) {
    files.close()
    throw cause
  }
}

/** What every post needs to observe. The key is read again for each request: a messenger that lost its data makes a new key. */
function observing({ server, key, keyFile, data, post, onlineChecks }: Config, clock: Clock, log: Log) {
  const readKey = (): string => {
    if (key !== '') return key
    try {
      return readFileSync(keyFile, 'utf8').trim()
    } catch {
      // Without a key the sentinel still tries the public door. The log says what is missing.
      return ''
    }
  }
  return { clock, random: systemRandom, log: log.note, serverUrl: server, key: readKey, directory: data, post, onlineChecks }
}

/** A post: it only observes, for a main sentinel elsewhere. It needs no writable disk. */
function startPost({ config, log }: SentinelOptions): RunningSentinel {
  const unlock = holdLock(config.data, systemClock, log)
  const common = observing(config, systemClock, log)
  const ask = createAsk(systemClock, 'BongsuSentinel/0.1')
  const measure = (component: Component): void => probing.measure(component)
  const sender = createBatchSender({ ...common, ask, url: config.main, key: config.postKey, measure })
  const probing = startProbing({ ...common, report: (batch) => sender.send(batch), figures: () => {} })
  return {
    port: null,
    url: config.main,
    welcome: null,
    async stop() {
      probing.stop()
      sender.stop()
      unlock()
    },
  }
}

async function startMain(options: SentinelOptions, files: SentinelFiles): Promise<RunningSentinel> {
  const { config, log, version } = options
  const { record, store, operators, keys } = files
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const url = config.url === '' ? `http://localhost:${port}` : config.url
  const clock = steadyClock(systemClock, record.tip().at)
  const failed = (cause: unknown): void => log.warn('A page request could not be answered.', cause)
  const pages = createPages({ failed, secure: url.startsWith('https:'), origin: new URL(url).origin })
  const intake = createIntake({ clock, posts: config.posts, report: (batch) => watch.hearBatch(batch) })
  pages.app.post(OBSERVATIONS_PATH, { bodyLimit: postedBytesMax }, async (request, reply) => {
    const { status, body } = intake.accept(request.headers.authorization, request.body)
    return reply.code(status).send(body)
  })
  const addressOf = createAddressOf(config.proxies)
  const common = { store, keys, clock, serviceUrl: url, addressOf }
  mountSubscriptions(pages.app, { ...common, mail: config.smtp !== '', name: config.name, planned: () => notifier.look() })
  const desk = new Desk({ name: config.name, serverUrl: config.server, pageUrl: url, contact: config.contact, timeZone: config.timeZone })
  const stopOperator = mountOperator(pages.app, {
    ...common,
    snapshot: () => watch.snapshot(),
    desk: {
      things: (area) => desk.things(area),
      say: (area, derive) => watch.say(area, derive),
      newId: randomUUID,
    },
    store: operators,
    passwords: createPasswords(),
    webhooks: { store, keys, allowPrivate: config.webhookPrivate === 'allow' },
    health: () => notifier.health(),
  })
  await pages.app.listen({ host: config.host, port })

  const notifier = createNotifier({
    ...common,
    mailer: config.smtp === '' ? null : createMailer({ url: config.smtp, from: { name: `${config.name} 상태`, address: config.mailFrom }, clock }),
    webhooks: createWebhookSender({ allowPrivate: config.webhookPrivate === 'allow', clock }),
    snapshot: () => watch.snapshot(),
    apiLanguage: config.language,
    warn: log.warn,
  })
  const publisher = createPublisher(publisherParts(options, url, clock, pages))
  const judge = createJudge()
  const seq = record.head()
  remember(record, seq, clock.now(), { desk, judge, intake })
  const watch = new Watch(
    {
      clock,
      record,
      desk,
      judge,
      contact: config.contact,
      timeZone: config.timeZone,
      newId: randomUUID,
      readReports: (from, to) => probing.readReports(from, to),
      alarm: () => probing.alarm(),
      measure(component) {
        probing.measure(component)
        intake.measure(component)
      },
      publish: (snapshot) => publisher.publish(snapshot),
      tell: (notices) => notifier.tell(notices),
      warn: log.warn,
    },
    seq,
  )
  const probing = startProbing({
    ...observing(config, clock, log),
    report: (batch) => watch.hearBatch(batch),
    figures: (sample) => watch.hearFigures(sample),
  })
  const words = createDeviceWords({ clock, random: Math.random, told: (sample) => watch.hearDevices(sample) })
  pages.onWord((query, request) => words.hear(query, visitorOf(addressOf(request))))
  watch.begin(version)
  notifier.tell(noticesSince([...desk.incidents, ...desk.maintenances], clock.now() - PLAN_BOUNDS.staleMs))
  watch.publish()
  const counter = createDayCounter(config.data)
  const days = keepDays({
    clock,
    desk,
    counter,
    timeZone: config.timeZone,
    complete: () => watch.complete,
    write: (summaries) => watch.writeDays(summaries),
    warn: log.warn,
  })
  const endTidying = clock.every(TIDY_EVERY_MS, () => watch.tidy(config.keepDays))
  const welcome = welcomeOnce(() => firstOperatorLink(operators, url, clock.now()), options, clock)

  return {
    port,
    url,
    welcome: welcome.text,
    async stop() {
      endTidying()
      welcome.stop()
      days.stop()
      words.stop()
      probing.stop()
      watch.stop(version)
      for (const { update, faults } of stopOperator())
        log.warn(`A statement did not go out before the stop: ${update.title.ko}: ${update.body.ko}`, faults?.map(({ en }) => en).join(' '))
      await counter.stop()
      await notifier.close()
      await publisher.stop()
      await pages.app.close()
      files.close()
    },
  }
}

/** Tells desk, judge and intake what was recorded before this start. The desk needs the evidence of the last day only. */
function remember(record: SqliteRecord, toSeq: number, now: number, { desk, judge, intake }: { desk: Desk; judge: Judge; intake: Intake }): void {
  for (const entry of record.each({ toSeq, kinds: ['incident', 'maintenance', 'day', 'sentinel'] })) desk.hear(entry)
  for (const entry of record.each({ fromSeq: record.seqAt(now - 24 * HOUR_MS), toSeq, kinds: EVIDENCE_KINDS })) {
    desk.hear(entry)
    if (entry.kind === 'observations') intake.remember(entry.body)
  }
  const lately = record.each({ fromSeq: record.seqAt(now - LATELY_MS), toSeq, kinds: EVIDENCE_KINDS })
  for (const evidence of withTicks(evidenceOf(lately))) judge.hear(newsOf(evidence))
}

function publisherParts({ config, log }: SentinelOptions, url: string, clock: Clock, pages: PublisherParts['pages']): PublisherParts {
  const folder = config.folder === '' ? join(config.data, 'public') : config.folder
  const warned = new Map<string, number>()
  return {
    clock,
    options: { subscribeUrl: config.smtp === '' ? null : `${url}/subscribe`, apiLanguage: config.language },
    pages,
    folder,
    targets: targetsOf(config, folder),
    failed: (place, cause) => {
      if (clock.monotonic() < (warned.get(place) ?? Number.NEGATIVE_INFINITY) + WARN_EVERY_MS) return
      warned.set(place, clock.monotonic())
      log.warn(`The pages could not be written to ${place}.`, cause)
    },
  }
}

/** The link for the first operator. On a full disk it is made and shown as soon as there is room. */
function welcomeOnce(link: () => string | null, { config, log, say }: SentinelOptions, clock: Clock) {
  const words = 'The disk cannot be written. The sentinel watches and publishes; mail, webhooks and the operator page wait until it can.'
  let text: string | null = null
  let isLate = false
  const stop = whenRoom(config.data, clock, log, words, () => {
    const made = translated(link)
    if (made === null) return
    text = `\n  상태 페이지의 첫 담당자 / Become the status page’s first operator (valid for 24 hours, once):\n\n    ${made}`
    if (isLate) say(text)
  })
  isLate = true
  return { text, stop }
}

/** Setup links contain the port and are made before anything listens, so a free port is chosen early. */
async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
