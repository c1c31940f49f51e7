import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createApi } from '@bongsu/client'
import { startFaultProxy, type FaultProxy } from '../../../apps/server/src/conformance/fault-proxy.ts'
import { freePort } from '../free-port.ts'
import { startServerProcess, type ServerProcess } from '../server-process.ts'
import { got, makeDevice, PASSWORD, personOf, untilLive } from '../world.ts'
import { waitFor } from '../wait-for.ts'
import { createScreen, id, type Screen } from './screen.ts'
import type { Engine, Size } from './session.ts'

const PC: Size = { width: 1280, height: 800 }
const PHONE: Size = { width: 360, height: 760 }

/** A person at a window, with a line of their own to the server. */
interface Someone {
  readonly screen: Screen
  readonly line: FaultProxy
}

/** The line is cut, and nobody answers any more; or it is there again. */
async function offline({ line }: Someone, is: boolean): Promise<void> {
  await line.door(is ? 'shut' : 'open')
  if (is) for (const one of line.lines) one.cut()
}

async function open(engine: Engine, line: FaultProxy, size: Size, look: Readonly<Record<string, string>>): Promise<Someone> {
  const screen = createScreen(await engine.open(size))
  await screen.session.go(siteOf(line))
  await screen.see(id('handle'))
  await screen.run((settings) => {
    for (const [name, value] of Object.entries(settings)) localStorage.setItem(`bongsu.${name}`, value)
  }, look)
  return { screen, line }
}

const siteOf = (line: FaultProxy): string => `http://localhost:${line.port}/`

async function signUp({ screen, line }: Someone, code: string, handle: string, name: string): Promise<void> {
  // Only another part behind the # would load nothing.
  await screen.session.go('about:blank')
  await screen.session.go(`${siteOf(line)}#/invite/${code}`)
  await screen.see(id('invited'))
  for (const [field, text] of [
    ['display-name', name],
    ['handle', handle],
    ['password', PASSWORD],
  ] as const)
    await screen.write(id(field), text)
  await screen.click(id('submit'))
  await screen.see(id('tab-friends'))
}

async function write({ screen }: Someone, text: string): Promise<void> {
  await screen.write(id('composer'), text)
  await screen.press('Enter')
}

/** The texts of the messages that are not erased, without what a reply quotes. */
const said = ({ screen }: Someone): Promise<readonly string[]> =>
  screen.run(() =>
    [...document.querySelectorAll('[data-testid="message"] :is(.bubble:not(.bubble-erased), .bubble-large)')].map((bubble) => {
      const copy = bubble.cloneNode(true) as Element
      copy.querySelector('[data-testid="quote"]')?.remove()
      return copy.textContent
    }),
  )

async function waitForSaid(someone: Someone, expected: readonly string[]): Promise<void> {
  let seen: readonly string[] = []
  await waitFor(
    () => `the messages ${JSON.stringify(expected)}; there are ${JSON.stringify(seen)}`,
    async () => {
      seen = await said(someone)
      return JSON.stringify(seen) === JSON.stringify(expected)
    },
    { withinMs: 20_000, everyMs: 50 },
  )
}

/** Opens the menu of the message and chooses from it. Not by a right click: WebKitGTK's driver types no Hangul after one. */
async function choose({ screen }: Someone, text: string, item: string): Promise<void> {
  await screen.hover(await bubbleOf(screen, text))
  await screen.click(id('hover-menu'))
  await screen.click(`${id('message-menu')} ${id(item)}`)
}

async function messageOf(screen: Screen, text: string): Promise<string> {
  const key = await waitFor(`the message ${text}`, () =>
    screen.run((wanted) => {
      const found = [...document.querySelectorAll<HTMLElement>('[data-testid="message"]')].find((one) => one.textContent.includes(wanted))
      return found?.dataset['key'] ?? null
    }, text),
  )
  return `${id('message')}[data-key="${key}"]`
}

const bubbleOf = async (screen: Screen, text: string): Promise<string> => `${await messageOf(screen, text)} :is(.bubble, .bubble-large)`

/** A part of the message shows this text. */
async function waitForPart(someone: Someone, text: string, part: string, expected: string): Promise<void> {
  let seen: readonly string[] = []
  await waitFor(
    () => `${part} of "${text}" to be ${expected}; it is ${seen.join()}`,
    async () => {
      seen = await someone.screen.texts(`${await messageOf(someone.screen, text)} ${part}`)
      return seen.join() === expected
    },
    { withinMs: 20_000 },
  )
}

/** What people do every day, in one conversation, step by step. */
export async function mainJob(t: TestContext, engine: Engine): Promise<void> {
  const port = await freePort()
  const lines = [await startFaultProxy(t, port), await startFaultProxy(t, port)] as const
  const origins = lines.map((line) => new URL(siteOf(line)).origin).join()
  const server = await startServerProcess(t, { port, env: { BONGSU_ORIGINS: origins } })
  const [seoyeon, dohyun] = await Promise.all([
    open(engine, lines[0], PC, { language: 'ko', theme: 'day' }),
    open(engine, lines[1], PHONE, { language: 'en', theme: 'night' }),
  ])
  const picture = (name: string): Promise<unknown> =>
    Promise.all([seoyeon.screen.picture(`${engine.name}-${name}-1280`), dohyun.screen.picture(`${engine.name}-${name}-360`)])
  /** One step after the other: what fails ends the job, and the picture shows it. */
  async function step(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      await picture('failed')
      throw new Error(`${engine.name}: ${name}`, { cause: error })
    }
  }
  const talk: string[] = []
  const both = async (): Promise<void> => {
    await waitForSaid(seoyeon, talk)
    await waitForSaid(dohyun, talk)
  }

  await step('two people join by invite and meet; Esc closes a sheet wherever the focus is', async () => {
    await signUp(seoyeon, server.firstAdminCode, 'seoyeon', '김서연')
    await seoyeon.screen.click(id('tab-friends'))
    await seoyeon.screen.click(id('invites'))
    await seoyeon.screen.click(id('make-invite'))
    await seoyeon.screen.see(id('invite-link'))
    const code = (await seoyeon.screen.value(id('invite-link'))).split('/').at(-1) ?? ''
    await picture('invite')
    await seoyeon.screen.press('Escape')
    await seoyeon.screen.gone(id('invites-sheet'))
    await signUp(dohyun, code, 'dohyun', '이도현')
    await seoyeon.screen.click('[data-handle="dohyun"]')
    await seoyeon.screen.click(id('start-chat'))
    await seoyeon.screen.see(id('composer'))
  })

  await step('a message arrives, and its unread number falls when it is read', async () => {
    talk.push('망원 유수지 도착했습니다')
    await write(seoyeon, talk[0] ?? '')
    await waitForPart(seoyeon, '망원', `${id('unread-number')} [aria-hidden]`, '1')
    await dohyun.screen.click(id('tab-chats'))
    await dohyun.screen.click(id('chat-row'))
    await both()
    await waitForPart(seoyeon, '망원', `${id('unread-number')} [aria-hidden]`, '')
    talk.push('네, 지금 갑니다')
    await write(dohyun, '네, 지금 갑니다')
    await both()
  })

  await step('a composition is never cut, sent twice, or closed by a key that belongs to it', async () => {
    await seoyeon.screen.click(id('composer'))
    await compose(seoyeon.screen, '봉')
    // As Safari reports it: the composition is over, and the key is still the input method's.
    await endComposition(seoyeon.screen)
    await dispatchKey(seoyeon.screen, 'Enter')
    await dispatchKey(seoyeon.screen, 'Escape')
    assert.equal(await seoyeon.screen.value(id('composer')), '봉')
    assert.equal((await said(seoyeon)).length, talk.length)
    await seoyeon.screen.press('Enter')
    // The button finishes the syllable in composition, and sends it with the rest.
    await compose(seoyeon.screen, '수')
    await seoyeon.screen.click(id('send'))
    talk.push('봉', '수')
    await both()
    assert.equal(await seoyeon.screen.value(id('composer')), '')
  })

  await step('what is written offline outlives a reload and is sent once', async () => {
    await offline(dohyun, true)
    await dohyun.screen.see(`${id('room')} ${id('connection-line')}`)
    talk.push('합정역 배수구 치우는 중입니다', '10분쯤 걸립니다')
    for (const text of talk.slice(-2)) await write(dohyun, text)
    await waitForSaid(dohyun, talk)
    await picture('offline')
    await dohyun.screen.session.reload()
    await waitForSaid(dohyun, talk)
    assert.equal(await dohyun.screen.count('[data-testid="message"][data-state="waiting"]'), 2)
    await offline(dohyun, false)
    await both()
    await dohyun.screen.gone('[data-testid="message"]:not([data-state="sent"])')
    await dohyun.screen.gone(id('connection-line'))
  })

  await step('react, reply, edit, erase and copy by the menu of a message', async () => {
    await choose(dohyun, '망원', 'quick-reaction')
    await waitForPart(seoyeon, '망원', id('reaction'), '❤️1')
    await choose(dohyun, '망원', 'menu-reply')
    await dohyun.screen.see(id('writing-bar'))
    talk.push('수고하셨어요')
    await write(dohyun, '수고하셨어요')
    await both()
    assert.match((await seoyeon.screen.texts(`${await messageOf(seoyeon.screen, '수고')} ${id('quote')}`)).join(), /망원/)
    await seoyeon.screen.hover(await bubbleOf(seoyeon.screen, '수고'))
    await seoyeon.screen.see(id('hover-bar'))
    await picture('marks')
    await choose(seoyeon, '망원', 'menu-edit')
    await write(seoyeon, '!')
    talk[0] += '!'
    await waitForPart(dohyun, '도착했습니다!', id('mark-edit'), 'Edited')
    await both()
    await choose(dohyun, '10분쯤', 'menu-copy')
    await dohyun.screen.see('.toast')
    await dohyun.screen.click(id('composer'))
    await dohyun.screen.press('v', 'Control')
    assert.equal(await dohyun.screen.value(id('composer')), '10분쯤 걸립니다')
    await dohyun.screen.press('a', 'Control')
    await dohyun.screen.press('Backspace')
    await choose(dohyun, '10분쯤', 'menu-erase')
    await picture('erase')
    await dohyun.screen.click(id('confirm-action'))
    talk.splice(talk.indexOf('10분쯤 걸립니다'), 1)
    await both()
  })

  await step('emoji by the button, a draft that waits, and back and forward', async () => {
    await seoyeon.screen.click(id('emoji-button'))
    await seoyeon.screen.see(id('emoji'))
    await picture('emoji')
    await seoyeon.screen.click(id('emoji'))
    await seoyeon.screen.press('Escape')
    await seoyeon.screen.gone(id('emoji-picker'))
    await seoyeon.screen.see(`${id('composer')}:focus`)
    const emoji = await seoyeon.screen.value(id('composer'))
    assert.match(emoji, /^\p{Emoji}/u)
    await seoyeon.screen.press('Enter')
    talk.push(emoji)
    await both()

    await dohyun.screen.write(id('composer'), '쓰다 만 글')
    await dohyun.screen.click(id('back'))
    await dohyun.screen.click(id('chat-row'))
    await dohyun.screen.see(id('composer'))
    assert.equal(await dohyun.screen.value(id('composer')), '쓰다 만 글')
    await dohyun.screen.write(id('composer'), ' 더')
    // At once: the draft is stored when the page goes.
    await dohyun.screen.session.reload()
    await dohyun.screen.see(id('composer'))
    assert.equal(await dohyun.screen.value(id('composer')), '쓰다 만 글 더')

    // [C20] Elsewhere and back: a page that the browser has kept in memory starts anew.
    await dohyun.screen.run(() => void Object.assign(window, { before: true }))
    await dohyun.screen.session.go('about:blank')
    await dohyun.screen.run(() => void setTimeout(() => history.back()))
    await waitFor('a new page', () => dohyun.screen.run(() => location.href !== 'about:blank' && !('before' in window)))
    await dohyun.screen.see(id('composer'))
    await dohyun.screen.click(id('composer'))
    await dohyun.screen.press('Enter')
    talk.push('쓰다 만 글 더')
    await both()
  })

  await step('the way back closes the topmost sheet first, and then leaves the room', async () => {
    const { screen } = dohyun
    /** As the back gesture of a phone. */
    const back = (): Promise<void> => screen.run(() => void setTimeout(() => history.back()))
    await screen.run(() => {
      // A phone without CloseWatcher, whatever this engine is.
      const real = matchMedia
      const matchMediaOfPhone = (query: string): MediaQueryList => real(query.includes('pointer') ? 'all' : query)
      Object.assign(window, { matchMedia: matchMediaOfPhone, CloseWatcher: undefined })
    })
    await screen.click(id('room-menu'))
    await screen.see(id('room-sheet'))
    await back()
    await screen.gone(id('room-sheet'))
    await screen.see(id('composer'))
    await back()
    await screen.gone(id('composer'))
    await screen.click(id('chat-row'))
    await screen.see(id('composer'))
    await screen.session.reload()
  })

  await step('history that is loaded above moves nothing in view', async () => {
    await fill(t, server, 'dohyun')
    // With everything read the room opens at its end, and not at the line to where it is read.
    await waitFor('the last line', async () => (await seoyeon.screen.texts(id('chat-row'))).join().includes(`${MANY}번째`), { withinMs: 60_000 })
    // The button may go away by itself before it is clicked.
    await seoyeon.screen.run((button) => document.querySelector<HTMLElement>(button)?.click(), id('to-latest'))
    await waitFor('the last message', async () => (await said(seoyeon)).at(-1)?.startsWith(`${MANY}번째`))
    await waitFor('everything to be read', async () => (await seoyeon.screen.count(`${id('chat-row')} ${id('badge')}`)) === 0)
    await seoyeon.screen.session.reload()
    await seoyeon.screen.see(id('message'))
    const moved = await keepsPlace(seoyeon.screen)
    assert.ok(moved.grewPx > 1_000, `${moved.grewPx} px of history came`)
    assert.ok(moved.worstPx <= 2, `the message in view moved by ${moved.worstPx} px`)
    await picture('history')
  })
}

async function compose(screen: Screen, text: string): Promise<void> {
  await screen.run((syllable) => {
    const field = document.querySelector<HTMLTextAreaElement>('[data-testid="composer"]')
    field?.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
    field?.setRangeText(syllable, field.selectionStart, field.selectionEnd, 'end')
    field?.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }))
  }, text)
}

async function endComposition(screen: Screen): Promise<void> {
  await screen.run(() => {
    document.querySelector('[data-testid="composer"]')?.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))
  })
}

/** The key of an input method, after the composition that it has ended. */
async function dispatchKey(screen: Screen, key: string): Promise<void> {
  await screen.run((name) => {
    document
      .querySelector('[data-testid="composer"]')
      ?.dispatchEvent(new KeyboardEvent('keydown', { key: name, keyCode: 229, bubbles: true, cancelable: true }))
  }, key)
}

/** Says more than a device holds in memory. */
async function fill(t: TestContext, server: ServerProcess, handle: string): Promise<void> {
  const stranger = createApi({ baseUrl: server.url, token: () => null })
  const person = personOf(server.url, got(await stranger.call('signIn', { body: { handle, password: PASSWORD, deviceName: '셋째' } })))
  const device = makeDevice(server.url, person)
  t.after(() => device.handle.stop())
  await device.handle.start()
  await untilLive(device)
  const room = await waitFor('the room', () => [...device.handle.view().replica.rooms.values()].find(({ meta }) => meta.kind === 'direct'))
  for (let at = 1; at <= MANY; at++)
    await device.handle.send(room.conversationId, { kind: 'text', text: `${at}번째 ${'줄이 여럿입니다 '.repeat(at % 9)}` })
  await waitFor('everything to be sent', () => device.handle.view().outbox.length === 0, { withinMs: 60_000 })
}

const MANY = 300

/** So near to the beginning of what is in memory the next page is loaded: use-log-position.ts. */
const loadsPx = 850

/** Goes up to where the next page of history is loaded, and watches the first message in view until it has come. */
function keepsPlace(screen: Screen): Promise<{ readonly grewPx: number; readonly worstPx: number }> {
  return screen.run(async (loadsAtPx) => {
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
    const log = document.querySelector<HTMLElement>('[data-testid="log"]')
    if (log === null) throw new Error('there is no log')
    /** Nothing grows any more: all is measured, and drawn with its own letters. */
    async function settled(element: HTMLElement): Promise<void> {
      await document.fonts.ready
      let [height, frames] = [0, 0]
      for (; frames < 20; await frame()) {
        frames = element.scrollHeight === height ? frames + 1 : 0
        height = element.scrollHeight
      }
    }
    await settled(log)
    // The app itself scrolls until a room has been open for 200 ms: use-log-position.ts.
    await new Promise((resolve) => setTimeout(resolve, 500))
    // The rows around the place are drawn and measured before anything is loaded: what is seen then comes from loading alone.
    log.scrollTop = loadsAtPx + 200
    await settled(log)
    const heightPx = log.scrollHeight
    log.scrollTop = loadsAtPx
    await frame()
    const edge = log.getBoundingClientRect().top
    const inView = [...log.querySelectorAll<HTMLElement>('[data-testid="message"]')].find((one) => one.getBoundingClientRect().top >= edge)
    const key = CSS.escape(inView?.dataset['key'] ?? '')
    const topOf = (): number => log.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY
    const expected = topOf()
    const grewPx = (): number => log.scrollHeight - heightPx
    let worstPx = 0
    // Until a page has come, and its rows have been measured.
    const until = performance.now() + 20_000
    for (let after = 0; performance.now() < until && after < 40;) {
      await frame()
      worstPx = Math.max(worstPx, Math.abs(topOf() - expected))
      if (grewPx() > 1_000) after++
    }
    return { grewPx: grewPx(), worstPx }
  }, loadsPx)
}
