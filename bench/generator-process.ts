import { fork } from 'node:child_process'
import type { Answer, AskedJob, Job, Reply } from './jobs.ts'
import { adopt, cleanEnvironment, end, ROOT } from './processes.ts'

/** One process of the load, seen from the bench. */
export interface Generator {
  ask<T extends Reply['t']>(job: Job, expected: T): Promise<Extract<Reply, { t: T }>>
  stop(): Promise<void>
}

export function startGenerator(): Generator {
  const child = adopt(fork('bench/generator.ts', { cwd: ROOT, env: cleanEnvironment(), serialization: 'advanced', detached: true }))
  const waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>()
  let asked = 0
  child.on('message', ({ n, reply, error }: Answer) => {
    const one = waiting.get(n)
    waiting.delete(n)
    if (reply === undefined) one?.reject(new Error(`the load failed: ${error}`))
    else one?.resolve(reply)
  })
  child.once('exit', (code, signal) => {
    for (const one of waiting.values()) one.reject(new Error(`the generator ended by itself (${code ?? signal})`))
  })
  return {
    async ask<T extends Reply['t']>(job: Job, expected: T) {
      const reply = await new Promise<Reply>((resolve, reject) => {
        waiting.set(++asked, { resolve, reject })
        child.send({ n: asked, job } satisfies AskedJob, (error) => void (error && reject(error)))
      })
      if (reply.t !== expected) throw new Error(`the generator answered ${reply.t}, not ${expected}`)
      return reply as Extract<Reply, { t: T }>
    },
    stop: () => end(child, 'SIGKILL'),
  }
}
