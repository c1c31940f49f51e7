import { spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { chromium, type Browser } from 'playwright-core'
import { CHROMIUM } from './browser.ts'

export interface SleepingBrowser {
  readonly browser: Browser
  /** Stops what runs its pages, as a phone does with an app behind others, or every process of it, as a lid that is closed does. */
  sleep(stops: 'page' | 'machine'): Promise<void>
  wake(): void
}

/** Ends a group whose processes may be stopped, should this process be killed before it can: what is stopped does not notice that it is alone. */
function outlive(group: number): void {
  const script = 'while kill -0 "$1" && kill -0 -- "-$2"; do sleep 0.5; done 2>/dev/null; kill -KILL -- "-$2" 2>/dev/null'
  spawn('sh', ['-c', script, 'sh', String(process.pid), String(group)], { detached: true, stdio: 'ignore' }).unref()
}

/** A browser in a process group of its own, which can be stopped as a whole. */
export async function openSleepingBrowser(t: TestContext): Promise<SleepingBrowser> {
  const server = await chromium.launchServer(CHROMIUM)
  const { pid } = server.process()
  if (pid === undefined) throw new Error('the browser has no process')
  outlive(pid)
  const signal = (name: NodeJS.Signals): void => void process.kill(-pid, name)
  t.after(async () => {
    signal('SIGCONT')
    await server.close()
  })
  const browser = await chromium.connect(server.wsEndpoint())
  return {
    browser,
    async sleep(stops) {
      if (stops === 'machine') return signal('SIGSTOP')
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      await session.detach()
      const renderers = processInfo.filter((one) => one.type === 'renderer')
      if (renderers.length === 0) throw new Error('nothing runs the pages')
      for (const one of renderers) process.kill(one.id, 'SIGSTOP')
    },
    wake: () => signal('SIGCONT'),
  }
}
