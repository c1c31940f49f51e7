import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { steadyClock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { createJudge } from './judge/judge.ts'
import { withTicks } from './judge/replay.ts'
import type { Log } from './log.ts'
import { createMailer } from './notify/mailer.ts'
import { createNotifier } from './notify/notifier.ts'
import { openNotifyStore } from './notify/open-store.ts'
import { PLAN_BOUNDS } from './notify/plan.ts'
import { openOrSetAside } from './notify/set-aside.ts'
import { openSubscriberKeys } from './notify/subscriber-keys.ts'
import { mountSubscriptions } from './notify/subscriptions.ts'
import { createWebhookSender } from './notify/webhook-sender.ts'
import { createAddressOf } from './addresses.ts'
import { mountOperator } from './operator/mount.ts'
import { firstOperatorLink, OPERATORS_FILE } from './operator/operator-link.ts'
import { openOperatorStore } from './operator/operator-store.ts'
import { createPasswords } from './operator/passwords.ts'
import { createDayCounter } from './present/day-counter.ts'
import { EVIDENCE_KINDS, evidenceOf, newsOf } from './present/evidence.ts'
import { keepDays } from './present/keep-days.ts'
import { Desk, type Letterhead } from './present/desk.ts'
import { createAsk } from './probe/ask.ts'
import { startProbing } from './probe/canary-probing.ts'
import { createIntake } from './probe/intake.ts'
import { OBSERVATIONS_PATH, postedBytesMax } from './probe/posted.ts'
import { systemRandom } from './probe/system-random.ts'
import { createBatchSender } from './probe/send-batches.ts'
import { createPages } from './publish/pages.ts'
import { createPublisher } from './publish/publisher.ts'
import { targetsOf } from './publish/targets-of.ts'
import type { ReportsSample } from './record/observation.ts'
import { lockRecord } from './record/lock.ts'
import { openRecord } from './record/open-record.ts'
import { noticesSince, Watch } from './watch.ts'

const HOUR_MS = 3_600_000
const LATELY_MS = 15 * 60_000
/** A place that cannot be written is told of once in so long. */
const WARN_EVERY_MS = 60_000
/** Of the record's bodies that grow old, so many are let go at a time. */
const LET_GO_EVERY_MS = 60_000

export interface SentinelOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
}

export interface RunningSentinel {
  /** Port of the pages; null for one that only observes for another. */
  readonly port: number | null
  readonly url: string
  /** What whoever started it should read: a link that is shown once. Null when there is nothing. */
  readonly welcome: string | null
  stop(): Promise<void>
}

/** Puts the sentinel together. @throws when it cannot begin; nothing is left half started then. */
export async function startSentinel(options: SentinelOptions): Promise<RunningSentinel> {
  const unlock = lockRecord(options.config.data)
  try {
    return options.config.main === '' ? await startMain(options, unlock) : startPost(options, unlock)
  } catch (cause) {
    unlock()
    throw cause
  }
}

/** The key is read anew each time: a messenger whose data is lost makes a new one. */
function keyOf({ key, keyFile }: Config): () => string {
  return () => {
    if (key !== '') return key
    try {
      return readFileSync(keyFile, 'utf8').trim()
    } catch {
      // Without a key the public door is still tried; the log tells what is missing.
      return ''
    }
  }
}

/** One that only observes, for a main sentinel elsewhere. */
function startPost({ config, log }: SentinelOptions, unlock: () => void): RunningSentinel {
  const common = { clock: systemClock, random: systemRandom, log: log.note }
  const sender = createBatchSender({ ...common, ask: createAsk(systemClock, 'BongsuSentinel/0.1'), url: config.main, key: config.postKey })
  const probing = startProbing({
    ...common,
    serverUrl: config.server,
    key: keyOf(config),
    directory: config.data,
    post: config.post,
    onlineChecks: config.onlineChecks,
    report: (batch) => sender.send(batch),
    figures: () => {},
  })
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

async function startMain({ config, log, version }: SentinelOptions, unlock: () => void): Promise<RunningSentinel> {
  const record = openRecord(config.data, { clock: systemClock })
  const clock = steadyClock(systemClock, record.tip().at)
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const url = config.url === '' ? `http://localhost:${port}` : config.url
  const failed = (cause: unknown): void => log.warn('A page could not be answered.', cause)
  const pages = await createPages({ failed, secure: url.startsWith('https:'), origin: new URL(url).origin })
  const store = openOrSetAside(join(config.data, 'subscribers.db'), clock.now(), openNotifyStore, log.warn)
  const operators = openOrSetAside(join(config.data, OPERATORS_FILE), clock.now(), openOperatorStore, log.warn)
  const keys = openSubscriberKeys(join(config.data, 'subscribers.key'))

  const intake = createIntake({ clock, posts: config.posts, report: (batch) => watch.hearBatch(batch) })
  pages.app.post(OBSERVATIONS_PATH, { bodyLimit: postedBytesMax }, async (request, reply) => {
    const { status, body } = intake.take(request.headers.authorization, request.body)
    return reply.code(status).send(body)
  })
  const addressOf = createAddressOf(config.proxies)
  mountSubscriptions(pages.app, {
    store,
    keys,
    clock,
    mail: config.smtp !== '',
    serviceUrl: url,
    name: config.name,
    planned: () => notifier.look(),
    addressOf,
  })
  const stopOperator = mountOperator(pages.app, {
    desk: {
      snapshot: () => watch.snapshot(),
      incidents: () => desk.incidents,
      maintenances: () => desk.maintenances,
      sayIncident: (derive) => watch.sayIncident(derive),
      sayMaintenance: (derive) => watch.sayMaintenance(derive),
      newId: randomUUID,
    },
    store: operators,
    passwords: createPasswords(),
    clock,
    webhooks: { store, keys, allowPrivate: config.webhookPrivate === 'allow' },
    health: () => notifier.health(),
    serviceUrl: url,
    addressOf,
  })
  await pages.app.listen({ host: config.host, port })

  const head: Letterhead = { name: config.name, serverUrl: config.server, pageUrl: url, contact: config.contact, timeZone: config.timeZone }
  const desk = new Desk(head)
  record.append([{ kind: 'sentinel', body: { event: 'started', version } }], clock.now())
  const seq = record.head()
  // Single observations are needed of the last day alone; words and days of all time.
  for (const entry of record.each({ toSeq: seq, kinds: ['incident', 'maintenance', 'day', 'sentinel'] })) desk.hear(entry)
  for (const entry of record.each({ fromSeq: record.seqAt(clock.now() - 24 * HOUR_MS), toSeq: seq, kinds: EVIDENCE_KINDS })) {
    desk.hear(entry)
    if (entry.kind === 'observations') intake.remember(entry.body)
  }

  // What was going on goes on: the judge hears the last minutes again, so that a restart is no change of anything.
  const judge = createJudge()
  const lately = record.each({ fromSeq: record.seqAt(clock.now() - LATELY_MS), toSeq: seq, kinds: EVIDENCE_KINDS })
  for (const evidence of withTicks(evidenceOf(lately))) judge.hear(newsOf(evidence))

  const folder = config.folder === '' ? join(config.data, 'public') : config.folder
  const warned = new Map<string, number>()
  const publisher = createPublisher({
    clock,
    options: { subscribeUrl: config.smtp === '' ? null : `${url}/subscribe`, webhookUrl: null, apiLanguage: config.language },
    pages,
    folder,
    targets: targetsOf(config, folder),
    report: (problem) => {
      const name = problem.kind === 'folder' ? folder : problem.target
      if (problem.cause === null || clock.monotonic() < (warned.get(name) ?? Number.NEGATIVE_INFINITY) + WARN_EVERY_MS) return
      warned.set(name, clock.monotonic())
      log.warn(`The pages could not be written to ${name}.`, problem.cause)
    },
  })
  const notifier = createNotifier({
    store,
    keys,
    mailer: config.smtp === '' ? null : createMailer({ url: config.smtp, from: { name: `${config.name} 상태`, address: config.mailFrom }, clock }),
    webhooks: createWebhookSender({ allowPrivate: config.webhookPrivate === 'allow', clock }),
    clock,
    snapshot: () => watch.snapshot(),
    serviceUrl: url,
    apiLanguage: config.language,
    warn: log.warn,
  })
  const watch = new Watch(
    {
      clock,
      record,
      desk,
      judge,
      contact: config.contact,
      timeZone: config.timeZone,
      newId: randomUUID,
      readReports: (from, to): Promise<ReportsSample | null> => probing.readReports(from, to),
      alarm: () => probing.alarm(),
      publish: (snapshot) => publisher.publish(snapshot),
      tell: (notices) => notifier.tell(notices),
      warn: log.warn,
    },
    seq,
  )
  const probing = startProbing({
    clock,
    random: systemRandom,
    log: log.note,
    serverUrl: config.server,
    key: keyOf(config),
    directory: config.data,
    post: config.post,
    onlineChecks: config.onlineChecks,
    report: (batch) => watch.hearBatch(batch),
    figures: (sample) => watch.hearFigures(sample),
  })
  notifier.tell(noticesSince(desk, clock.now() - PLAN_BOUNDS.staleMs))
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
  const letGo = clock.every(LET_GO_EVERY_MS, () => watch.letGo(config.keepDays))

  return {
    port,
    url,
    welcome: welcomeOf(firstOperatorLink(operators, url, clock.now())),
    async stop() {
      letGo()
      days.stop()
      probing.stop()
      watch.stop(version)
      stopOperator()
      await counter.stop()
      await notifier.close()
      await publisher.stop()
      await pages.app.close()
      store.close()
      operators.close()
      record.close()
      unlock()
    },
  }
}

function welcomeOf(link: string | null): string | null {
  return link === null ? null : `\n  상태 페이지의 첫 담당자 / Become the status page’s first operator (valid for 24 hours, once):\n\n    ${link}`
}

/** Links are made before anything listens, so that a port has to be known by then. */
async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
