import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { ConversationId } from '@bongsu/protocol'
import { openDevice } from './rude-device.ts'

// Somebody who talks, in a thread apart from the attack: what makes the attacker wait is no wait of an honest person.
const { url, token, home } = workerData as { readonly url: string; readonly token: string; readonly home: ConversationId }
const device = await openDevice(url, token)
const port = parentPort!

port.on('message', (ms: number) => void talk(ms))
port.postMessage('ready')

/** Acceptance times of texts, in ms; -1 for one that was not accepted in 10 s. */
async function talk(ms: number): Promise<void> {
  const times: Promise<number>[] = []
  for (const until = performance.now() + ms; performance.now() < until;) {
    times.push(device.send(home, `안녕 ${times.length}`))
    await sleep(100)
  }
  port.postMessage(await Promise.all(times))
}
