import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { waitFor } from '../wait-for.ts'
import { wrapped, ZONE, type Engine, type Session, type Size } from './session.ts'

/** Nothing is fetched from elsewhere, and nothing is asked. */
const PREFERENCES = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
}

/** Firefox by WebDriver BiDi, without a display. Each window is a program of its own, because only one window of a program has the focus. */
export async function startFirefox(t: TestContext): Promise<Engine> {
  return {
    name: 'firefox',
    async open(size) {
      const send = await connect(await startProgram(t))
      await send('session.new', { capabilities: {} })
      // The first window of the program never gets the focus.
      const { context } = await send<{ context: string }>('browsingContext.create', { type: 'window' })
      return await createSession(send, context, size)
    },
  }
}

/** @returns the address of its socket. */
async function startProgram(t: TestContext): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'bongsu-firefox-'))
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`)
  writeFileSync(join(profile, 'user.js'), lines.join('\n'))
  const browser = spawn('firefox-esr', ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0', 'about:blank'], {
    env: { ...process.env, TZ: ZONE, HOME: profile },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => browser.once('exit', resolve))
  t.after(async () => {
    browser.kill('SIGKILL')
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  let said = ''
  browser.stderr.on('data', (data: Buffer) => (said += data.toString()))
  return await waitFor(
    () => `Firefox; it said: ${said}`,
    () => /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1]?.concat('/session'),
    { withinMs: 60_000 },
  )
}

type Send = <T>(method: string, params: object) => Promise<T>

async function createSession(send: Send, context: string, viewport: Size): Promise<Session> {
  await send('browsingContext.setViewport', { context, viewport })
  return {
    go: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
    reload: () => send('browsingContext.reload', { context, wait: 'complete' }),
    async run(source, args) {
      const answer = await send<{ type: string; result?: { value: string }; exceptionDetails?: { text: string } }>('script.callFunction', {
        functionDeclaration: wrapped(source),
        arguments: [{ type: 'string', value: args }],
        target: { context },
        awaitPromise: true,
        userActivation: true,
      })
      if (answer.result === undefined) throw new Error(answer.exceptionDetails?.text)
      return answer.result.value
    },
    act: (actions) => send('input.performActions', { context, actions }),
    picture: async () => Buffer.from((await send<{ data: string }>('browsingContext.captureScreenshot', { context })).data, 'base64'),
  }
}

/** Requests by id over one socket. Events are not asked for. */
async function connect(url: string): Promise<Send> {
  const socket = new WebSocket(url)
  const waiting = new Map<number, { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void }>()
  let lastId = 0
  socket.on('message', (data: Buffer) => {
    const { id, type, result, error, message } = JSON.parse(data.toString()) as Record<string, unknown>
    const asked = waiting.get(id as number)
    waiting.delete(id as number)
    if (type === 'success') asked?.resolve(result as never)
    else asked?.reject(new Error(`${String(error)}: ${String(message)}`))
  })
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox has gone'))
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return (method, params) =>
    new Promise((resolve, reject) => {
      lastId += 1
      waiting.set(lastId, { resolve, reject })
      socket.send(JSON.stringify({ id: lastId, method, params }))
    })
}
