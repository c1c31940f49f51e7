import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { goLive, makeDevice, makePeople, openDirect, PASSWORD, untilRoom, type Person } from './world.ts'

const BOT = fileURLToPath(new URL('../../docs/guide/echo-bot.ts', import.meta.url))
const MESSAGES = 120
const KILLS = 5

test('[M2, C1] the echo bot of the guide, killed in the middle again and again, answers each message exactly once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-bot-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '600' } })
  const [person, bot] = (await makePeople(server, 2)) as [Person, Person]
  const room = await openDirect(person, bot)
  const device = makeDevice(server.url, person, { hasty: true })
  await goLive(t, [device])
  await untilRoom(device, room)

  let end = async (): Promise<void> => undefined
  t.after(() => end())
  function startBot(): void {
    const env = { ...process.env, BONGSU_URL: server.url, BOT_HANDLE: bot.profile.handle, BOT_PASSWORD: PASSWORD, BOT_FILE: join(folder, 'bot.db') }
    const child = spawn(process.execPath, [BOT], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
    end = async () => {
      child.kill('SIGKILL')
      await exited
    }
  }
  const texts = (author: string): readonly string[] =>
    (device.handle.view().replica.rooms.get(room)?.entries ?? []).flatMap((entry) =>
      entry.author === author && entry.body.kind === 'text' ? [entry.body.text] : [],
    )

  // A room that is open keeps all its entries in memory.
  await device.handle.loadOlder(room, 1)
  startBot()
  const asked = Array.from({ length: MESSAGES }, (_, index) => `${index + 1}번째 물음`)
  const asking = (async () => {
    for (const text of asked) {
      await device.handle.send(room, { kind: 'text', text })
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
  })()
  let killedInTheMiddle = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const heard = texts(bot.accountId).length
    await waitFor('the bot to answer some', () => texts(bot.accountId).length >= Math.min(MESSAGES, heard + 5), { withinMs: 20_000, everyMs: 2 })
    await end()
    if (texts(bot.accountId).length < MESSAGES) killedInTheMiddle++
    if (kill === 2) {
      await server.kill()
      await server.start()
    }
    startBot()
  }
  await asking
  await waitFor(
    () => `all answers; there are ${texts(bot.accountId).length}`,
    () => texts(bot.accountId).length >= MESSAGES,
    { withinMs: 40_000 },
  )
  // One more question: whatever the bot still meant to say comes before its answer.
  await device.handle.send(room, { kind: 'text', text: '끝' })
  await waitFor('the last answer', () => texts(bot.accountId).includes('끝'), { withinMs: 20_000 })
  assert.deepEqual(texts(bot.accountId), [...asked, '끝'])
  assert.ok(killedInTheMiddle >= 3, `killed ${killedInTheMiddle} times before it had answered all`)
})
