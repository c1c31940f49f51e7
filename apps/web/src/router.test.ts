import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** The history of a tab: each step is an address with its data. Going back takes a while, as in a browser. */
const steps: { hash: string; state: unknown }[] = [{ hash: '', state: null }]
let at = 0
let goesBack = true
const events = new EventTarget()

function go(to: number, pops: boolean): void {
  const before = steps[at]?.hash
  at = to
  if (pops) events.dispatchEvent(new Event('popstate'))
  if (steps[at]?.hash !== before) events.dispatchEvent(new Event('hashchange'))
}

const here = () => steps[at] ?? assert.fail()
const history = {
  get state() {
    return here().state
  },
  pushState: (state: unknown) => (at = steps.splice(at + 1, Infinity, { hash: here().hash, state }) && at + 1),
  replaceState: (state: unknown, _: string, hash = here().hash) => void (steps[at] = { hash, state }),
  back: () => void setTimeout(() => goesBack && at > 0 && go(at - 1, true)),
}
const location = {
  pathname: '',
  get hash() {
    return here().hash
  },
  set hash(hash: string) {
    steps.splice(at + 1, Infinity, { hash, state: null })
    go(at + 1, true)
  },
}
Object.assign(globalThis, {
  history,
  location,
  HashChangeEvent: Event,
  addEventListener: events.addEventListener.bind(events),
  removeEventListener: events.removeEventListener.bind(events),
  dispatchEvent: events.dispatchEvent.bind(events),
})
const router = await import('./router.ts')
const { followBackGesture, openLayer, stepGoneMsMax, withoutLayerStep } = await import('./adapters/layer-step.ts')
followBackGesture()

const settle = (): Promise<void> => sleep(30)

test('[C22] a page reached from a sheet on the first page goes back to the first page, with one step', async () => {
  await settle()
  const closed = openLayer(() => undefined)
  assert.equal(steps.length, 2)
  router.go('#/people')
  closed()
  await settle()
  router.back('#/chats')
  await settle()
  assert.deepEqual([at, here().hash], [0, ''])
  // The first page has nothing inside the app before it.
  router.back('#/chats')
  await settle()
  assert.deepEqual([at, here().hash], [0, '#/chats'])
})

test('[C22] where nobody is signed in any more, the way back inside the app ends', async () => {
  router.go('#/chats/room')
  const closed = openLayer(() => undefined)
  router.beginAnew()
  closed()
  await settle()
  const first = at
  assert.equal(here().hash, '')
  router.go('#/people')
  router.back('#/chats')
  await settle()
  assert.deepEqual([at, here().hash], [first, ''])
  router.back('#/chats')
  await settle()
  assert.deepEqual([at, here().hash], [first, '#/chats'])
})

test('[C22] when the step of a sheet does not go, what waits for it goes on all the same', async () => {
  const closed = openLayer(() => undefined)
  goesBack = false
  let runs = 0
  withoutLayerStep(() => runs++)
  await sleep(stepGoneMsMax / 2)
  assert.equal(runs, 0)
  await sleep(stepGoneMsMax)
  assert.equal(runs, 1)
  closed()
  withoutLayerStep(() => runs++)
  assert.equal(runs, 2, 'the step is a page now')
})
