import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { steadyClock, systemClock, type Clock } from './clock.ts'
import type { Config } from './config.ts'
import { openFiles, type SentinelFiles } from './files.ts'
import { createJudge } from './judge/judge.ts'
import { withTicks } from './judge/replay.ts'
import type { Log } from './log.ts'
import { noticesSince } from './notices.ts'
import { asOneOutage } from './one-outage.ts'
import { createMailer } from './notify/mailer.ts'
import type { Notice } from './notify/notice.ts'
import { createNotifier } from './notify/notifier.ts'
import { PLAN_BOUNDS } from './notify/plan.ts'
import { mountSubscriptions } from './notify/subscriptions.ts'
import { createWebhookSender } from './notify/webhook-sender.ts'
import { createAddressOf } from './addresses.ts'
import { mountOperator } from './operator/mount.ts'
import { firstOperatorLink } from './operator/operator-link.ts'
import type { OperatorStore } from './operator/operator-store.ts'
import { createPasswords } from './operator/passwords.ts'
import { createDayCounter } from './present/day-counter.ts'
import { EVIDENCE_KINDS, evidenceOf, newsOf } from './present/evidence.ts'
import { keepDays } from './present/keep-days.ts'
import { Desk, type Letterhead } from './present/desk.ts'
import { createAsk } from './probe/ask.ts'
import { startProbing } from './probe/canary-probing.ts'
import { createIntake, type Intake } from './probe/intake.ts'
import { OBSERVATIONS_PATH, postedBytesMax } from './probe/posted.ts'
import { systemRandom } from './probe/system-random.ts'
import { createBatchSender } from './probe/send-batches.ts'
import { createPages, type Pages } from './publish/pages.ts'
import { createPublisher } from './publish/publisher.ts'
import { targetsOf } from './publish/targets-of.ts'
import type { ObservationBatch, ReportsSample } from './record/observation.ts'
import { holdLock } from './record/hold-lock.ts'
import { openToLook } from './record/look.ts'
import type { RecordEntry } from './record/record.ts'
import { ROOM_EVERY_MS, wantOfRoom, wantsRoom } from './record/room.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import { faultOf } from './record/unavailable.ts'
import { Watch, type Unwritten } from './watch.ts'

const HOUR_MS = 3_600_000
const LATELY_MS = 15 * 60_000
/** Least time between two warnings about the same unwritable place. */
const WARN_EVERY_MS = 60_000
/** Time between two rounds of dropping old bodies from the record. */
const LET_GO_EVERY_MS = 60_000

export interface SentinelOptions {
  readonly config: Config
  readonly log: Log
  readonly version: string
  /** Shows a text to the person who started the program, later than the start. See `welcome` below. */
  readonly say: (text: string) => void
}

interface PlacedOptions extends SentinelOptions {
  readonly port: number
  readonly url: string
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
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const placed = { ...options, port, url: config.url === '' ? `http://localhost:${port}` : config.url }
  let files: SentinelFiles
  try {
    files = openFiles(config.data, systemClock, log.warn)
  } catch (cause) {
    if (!wantsRoom(cause, config.data)) throw cause
    return startWithoutDisk(placed, cause)
  }
  return startMain(placed, files, [])
}

/** The key is read again for each request: a messenger that lost its data makes a new key. */
function keyOf({ key, keyFile }: Config): () => string {
  return () => {
    if (key !== '') return key
    try {
      return readFileSync(keyFile, 'utf8').trim()
    } catch {
      // Without a key the sentinel still tries the public door. The log says what is missing.
      return ''
    }
  }
}

/** A post: it only observes, for a main sentinel elsewhere. It needs no writable disk. */
function startPost({ config, log }: SentinelOptions): RunningSentinel {
  const unlock = holdLock(config.data, systemClock, log)
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

async function startMain(options: PlacedOptions, files: SentinelFiles, unwritten: readonly Unwritten[]): Promise<RunningSentinel> {
  try {
    return await startOver(options, files, unwritten)
  } catch (cause) {
    files.close()
    throw cause
  }
}

async function startOver(options: PlacedOptions, files: SentinelFiles, unwritten: readonly Unwritten[]): Promise<RunningSentinel> {
  const { config, log, version, port, url } = options
  const { record, store, operators, keys } = files
  const clock = steadyClock(systemClock, Math.max(record.tip().at, unwritten.at(-1)?.at ?? 0))
  const pages = await createPagesOf(options)
  const intake = mountIntake(pages, config, clock, (batch) => watch.hearBatch(batch))
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
  const tell = (notices: readonly Notice[]): void => notifier.tell(notices)
  const { watch, desk, probing, publisher } = startWatching(options, { clock, record, isRead: true, unwritten, intake, pages, tell })
  watch.begin(version)
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
    welcome: welcomeOf(operators, url, clock.now(), log),
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
      files.close()
    },
  }
}

/**
 * Starts although the disk is full and the sentinel's files cannot be opened. The sentinel watches, judges and publishes all the same [S3].
 * Subscribers and operators are known from files and are missing until there is room. Then all files are opened, everything observed and said
 * meanwhile is handed over, and the sentinel continues as after any other start.
 */
async function startWithoutDisk(options: PlacedOptions, cause: unknown): Promise<RunningSentinel> {
  const { config, log, version, port, url } = options
  const look = openToLook(config.data)
  log.warn('The disk cannot be written. The sentinel watches and publishes; mail, webhooks and the operator page wait until it can.', cause)
  if (!look.isRead) log.warn('The entries of the record cannot be read until then.')
  const clock = steadyClock(systemClock, look.record.tip().at)
  const pages = await createPagesOf(options)
  const intake = mountIntake(pages, config, clock, (batch) => watch.hearBatch(batch))
  await pages.app.listen({ host: config.host, port })
  const { watch, probing, publisher } = startWatching(options, { clock, ...look, unwritten: [], intake, pages, tell: () => {} })
  watch.begin(version)
  watch.publish()
  let whole: Promise<RunningSentinel> | null = null
  const endLook = clock.every(ROOM_EVERY_MS, () => {
    if (wantOfRoom(config.data) !== null) return
    try {
      whole = goOn(openFiles(config.data, clock, log.warn))
      endLook()
    } catch (again) {
      if (!wantsRoom(again, config.data)) throw again
    }
  })

  /** Stops this sentinel as far as its successor in the same process requires. */
  async function end(): Promise<void> {
    endLook()
    probing.stop()
    watch.pause()
    await publisher.stop()
    await pages.app.close()
    look.record.close()
  }

  async function goOn(files: SentinelFiles): Promise<RunningSentinel> {
    log.note('The disk can be written again.')
    await end()
    const running = await startMain(options, files, look.isRead ? watch.unwritten : asOneOutage(files.record, watch.unwritten))
    if (running.welcome !== null) options.say(running.welcome)
    return running
  }

  return { port, url, welcome: null, stop: async () => (whole === null ? end() : (await whole).stop()) }
}

async function createPagesOf({ url, log }: PlacedOptions): Promise<Pages> {
  const failed = (cause: unknown): void => log.warn('A page request could not be answered.', cause)
  return createPages({ failed, secure: url.startsWith('https:'), origin: new URL(url).origin })
}

function mountIntake(pages: Pages, { posts }: Config, clock: Clock, report: (batch: ObservationBatch) => void): Intake {
  const intake = createIntake({ clock, posts, report })
  pages.app.post(OBSERVATIONS_PATH, { bodyLimit: postedBytesMax }, async (request, reply) => {
    const { status, body } = intake.accept(request.headers.authorization, request.body)
    return reply.code(status).send(body)
  })
  return intake
}

interface Watching {
  readonly clock: Clock
  readonly record: SqliteRecord
  readonly isRead: boolean
  /** Observations and statements of the previous sentinel in this process that could not be written. */
  readonly unwritten: readonly Unwritten[]
  readonly intake: Intake
  readonly pages: Pages
  readonly tell: (notices: readonly Notice[]) => void
}

/** Builds everything from the canaries to the pages over an open record. */
function startWatching({ config, log, url }: PlacedOptions, { clock, record, isRead, unwritten, intake, pages, tell }: Watching) {
  const head: Letterhead = { name: config.name, serverUrl: config.server, pageUrl: url, contact: config.contact, timeZone: config.timeZone }
  const desk = new Desk(head)
  const seq = record.head()
  const waiting = unwritten.map(({ body, at }): RecordEntry => ({ ...body, seq, at, hash: '' }))
  // The desk needs single observations of the last day only, but statements and days of all time.
  for (const entry of record.each({ toSeq: seq, kinds: ['incident', 'maintenance', 'day', 'sentinel'] })) desk.hear(entry)
  for (const entry of record.each({ fromSeq: record.seqAt(clock.now() - 24 * HOUR_MS), toSeq: seq, kinds: EVIDENCE_KINDS })) {
    desk.hear(entry)
    if (entry.kind === 'observations') intake.remember(entry.body)
  }
  for (const entry of waiting) {
    desk.hear(entry)
    if (entry.kind === 'observations') intake.remember(entry.body)
  }

  // A restart must not look like a change: the judge hears the last minutes again.
  const judge = createJudge()
  const since = clock.now() - LATELY_MS
  function* lately(): Generator<RecordEntry> {
    yield* record.each({ fromSeq: record.seqAt(since), toSeq: seq, kinds: EVIDENCE_KINDS })
    yield* waiting.filter(({ at }) => at >= since)
  }
  for (const evidence of withTicks(evidenceOf(lately()))) judge.hear(newsOf(evidence))

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
  const watch = new Watch(
    {
      clock,
      record,
      desk,
      judge,
      contact: config.contact,
      timeZone: config.timeZone,
      isRead,
      newId: randomUUID,
      readReports: (from, to): Promise<ReportsSample | null> => probing.readReports(from, to),
      alarm: () => probing.alarm(),
      publish: (snapshot) => publisher.publish(snapshot),
      tell,
      warn: log.warn,
    },
    seq,
    unwritten,
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
  return { watch, desk, probing, publisher }
}

/** A full disk prevents the link. `npx bongsu incident operator` makes one later. */
function welcomeOf(operators: OperatorStore, url: string, now: number, log: Log): string | null {
  let link: string | null
  try {
    link = firstOperatorLink(operators, url, now)
  } catch (cause) {
    if (faultOf(cause) === null) throw cause
    log.warn('The link for the first operator could not be made. "npx bongsu incident operator" makes one when the disk can be written.', cause)
    link = null
  }
  return link === null ? null : `\n  상태 페이지의 첫 담당자 / Become the status page’s first operator (valid for 24 hours, once):\n\n    ${link}`
}

/** Setup links contain the port and are made before anything listens, so a free port is chosen early. */
async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
