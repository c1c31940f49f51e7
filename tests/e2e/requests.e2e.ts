import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totalUnread } from '@bongsu/client'
import { by, messages, openBrowser, openContext, openPage, picture } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import {
  goLive,
  makeDevice,
  makeGroup,
  makePeople,
  openDirect,
  PASSWORD,
  signInAgain,
  textsOf,
  untilRoom,
  type Person,
  type TestDevice,
} from './world.ts'

test(
  '[B40, B41, B43, B44] a stranger’s message waits apart and rings nowhere until it is accepted, on all devices; a declined one stays away; neither is told',
  { timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t, { env: { BONGSU_REACH: 'acquainted' } })
    const [host, me, first, second] = await makePeople(server, 4)
    assert.ok(host !== undefined && me !== undefined && first !== undefined && second !== undefined)
    const mine = makeDevice(server.url, await signInAgain(server.url, me, '둘째'), { name: 'my second' })
    const theirs = [first, second].map((person) => makeDevice(server.url, person))
    await goLive(t, [mine, ...theirs])
    const say = async (device: TestDevice, to: Person, text: string) => {
      const room = await openDirect(device.person, to)
      await untilRoom(device, room)
      assert.equal((await device.handle.settled(await device.handle.send(room, { kind: 'text', text }))).accepted, true)
      device.handle.watch({ conversationId: room, from: 1, to: null })
      await waitFor('the number', () => device.handle.view().replica.rooms.get(room)?.unread.get(2) === 1)
      return room
    }
    const [one, two] = theirs as [TestDevice, TestDevice]
    const known = await say(await live(host), me, '환영합니다')
    const rooms = [
      await say(one, me, '안녕하세요, 지난번에 뵌 사람입니다. https://example.com'),
      await say(two, me, '돈 버는 법 알려 드려요'),
    ] as const

    const browser = await openBrowser(t)
    const { page, faults } = await openPage(await openContext(browser, { width: 1280 }), server.url.replace('127.0.0.1', 'localhost'))
    await by(page, 'handle').fill(me.profile.handle)
    await by(page, 'password').fill(PASSWORD)
    await by(page, 'submit').click()
    await by(page, 'requests').waitFor()
    await waitFor('the second device to know both', () => mine.handle.view().replica.requests.size === 2)
    const { replica } = mine.handle.view()
    assert.deepEqual([[...replica.rooms.keys()], totalUnread(replica)], [[known], 1], 'only what is no stranger’s is there and counts')
    assert.equal(await by(page, 'chat-row').count(), 1)
    await by(page, 'requests').click()
    await picture(page, 'requests-1280-light-ko')
    await by(page, 'request-row').nth(1).click()
    await by(page, 'request-said').waitFor()
    assert.equal(await by(page, 'request-said').locator('a').count(), 0, 'a stranger’s link is no link')
    await picture(page, 'request-1280-light-ko')
    assert.equal(one.handle.view().replica.rooms.get(rooms[0])?.unread.get(2), 1, 'looking at it is not reading')
    await by(page, 'accept').click()
    await waitFor('the room', async () => (await messages(page)).some((text) => text.includes('지난번에')))
    await untilRoom(mine, rooms[0])
    await waitFor('the number to go', () => one.handle.view().replica.rooms.get(rooms[0])?.unread.get(2) === 0)

    await by(page, 'requests').click()
    await by(page, 'request-row').first().click()
    await by(page, 'decline').click()
    await by(page, 'confirm-action').click()
    await by(page, 'requests').waitFor({ state: 'detached' })
    await waitFor('the second device to know it', () => mine.handle.view().replica.requests.size === 0)
    await say(two, me, '왜 대답이 없어요?')
    assert.deepEqual([mine.handle.view().replica.requests.size, mine.handle.view().replica.rooms.has(rooms[1])], [0, false])
    assert.equal(two.handle.view().replica.rooms.get(rooms[1])?.unread.get(2), 1)
    assert.equal(textsOf(two, rooms[1]).length, 2)

    // [B44] A group of a stranger: who is asked comes in when they agree, and everybody in the group sees it at once.
    const group = await makeGroup(second, '돈 모임', [me])
    await untilRoom(two, group)
    await by(page, 'requests').click()
    await by(page, 'request-row').click()
    await by(page, 'request-group').waitFor()
    await picture(page, 'request-group-1280-light-ko')
    assert.deepEqual([mine.handle.view().replica.rooms.has(group), two.handle.view().replica.rooms.get(group)?.meta.memberCount], [false, 1])
    await by(page, 'accept').click()
    await untilRoom(mine, group)
    await waitFor('them to see it', () => two.handle.view().replica.rooms.get(group)?.meta.memberCount === 2)
    await by(page, 'requests').waitFor({ state: 'detached' })
    assert.deepEqual(faults, [])

    async function live(person: Person): Promise<TestDevice> {
      const device = makeDevice(server.url, person)
      await goLive(t, [device])
      return device
    }
  },
)
