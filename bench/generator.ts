import { churn, createEchoLoad } from './echo-load.ts'
import type { Answer, AskedJob, Job, Reply } from './jobs.ts'
import { createPeerCrowd, type PeerCrowd } from './peers/crowd.ts'
import { ownCpuMicros } from './processor-time.ts'
import { readPages } from './page-load.ts'
import { createReactors } from './reactions-load.ts'
import { resumeAll } from './resume-load.ts'
import { createStorm } from './storm.ts'
import { createCrowd } from './talk.ts'

// The process of the load: apart from what is measured, so that its own work is not counted.

const crowd = createCrowd()
const storm = createStorm()
const reactors = createReactors()
const echo = createEchoLoad()
let echoing = false
let peers: PeerCrowd | null = null

async function run(job: Job): Promise<Reply> {
  switch (job.t) {
    case 'connect':
      await crowd.connect(job.target, job.devices, job.atOnce)
      return { t: 'done' }
    case 'talk':
      crowd.talk(job.talkers, job.pace, job.text)
      return { t: 'done' }
    case 'hush':
      await crowd.hush()
      return { t: 'done' }
    case 'peer-connect':
      peers = createPeerCrowd()
      await peers.connect(job.wire, job.port, job.pairs)
      return { t: 'done' }
    case 'peer-rooms':
      peers ??= createPeerCrowd()
      await peers.join(job.wire, job.port, job.first, job.rooms)
      return { t: 'done' }
    case 'peer-talk':
      peers?.talk(job.pace, job.text)
      return { t: 'done' }
    case 'mark':
      if (peers !== null) return { t: 'mark', ...peers.mark() }
      return echoing
        ? { t: 'mark', accepted: echo.count, received: echo.count, deliveredMs: [], ownDelayP99Ms: 0, ownCpuMicros: ownCpuMicros(), told: 0 }
        : { t: 'mark', ...crowd.mark() }
    case 'finish':
      if (peers !== null) return { t: 'finished', ...(await peers.finish()) }
      return echoing
        ? { t: 'finished', faults: await echo.finish(), accepted: echo.count, received: echo.count }
        : { t: 'finished', ...(await crowd.finish()) }
    case 'resume':
      return { t: 'resumed', ...(await resumeAll(job.target, job.devices, job.atOnce, job.missed)) }
    case 'churn':
      return { t: 'resumed', tookMs: await churn(job.url, job.connections, job.atOnce), faults: [] }
    case 'pages':
      return { t: 'resumed', ...(await readPages(job.url, job.places, job.limit, job.atOnce)) }
    case 'react-connect':
      await reactors.connect(job.target, job.devices, job.atOnce)
      return { t: 'done' }
    case 'react':
      return { t: 'reacted', ...(await reactors.react(job.count)) }
    case 'storm-connect':
      await storm.connect(job.target, job.devices, job.atOnce)
      return { t: 'done' }
    case 'storm-freeze':
      storm.freeze()
      return { t: 'done' }
    case 'storm-say':
      await storm.say(job.talkers, job.text)
      return { t: 'done' }
    case 'storm-cut':
      return storm.cut(job.missed)
    case 'echo':
      echoing = true
      await echo.connect(job.url, job.connections, job.inFlight, job.frame)
      return { t: 'done' }
  }
}

process.on('message', ({ n, job }: AskedJob) => {
  run(job).then(
    (reply) => process.send?.({ n, reply } satisfies Answer),
    (error: unknown) => process.send?.({ n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer),
  )
})
process.on('disconnect', () => process.exit(0))
