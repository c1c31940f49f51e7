import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createApi } from '@bongsu/client'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import { by, openBrowser, openContext, openPage, picture } from './browser.ts'
import { bongsu } from './operator.ts'
import { startServerProcess } from './server-process.ts'
import { waitFor } from './wait-for.ts'
import { got, goLive, makeDevice, makeGroup, makePeople, PASSWORD, signInAgain, textsOf, untilLive, untilRoom } from './world.ts'

const suspension = (forMs: number | null) => ({ suspensionId: randomUUID(), forMs, reason: '광고를 거듭 올렸습니다', appeal: 'help@example.kr' })

test('[B55, B56] suspended in mid-sentence: nothing accepted is lost, nothing goes out, and the rest goes out once when it is over', async (t) => {
  const server = await startServerProcess(t)
  const [admin, member, friend] = await makePeople(server, 3)
  assert.ok(admin !== undefined && member !== undefined && friend !== undefined)
  const room = await makeGroup(friend, '광장', [member])
  const device = makeDevice(server.url, member, { name: 'the suspended' })
  const other = makeDevice(server.url, friend, { name: 'the friend' })
  await goLive(t, [device, other])
  await untilRoom(device, room)
  await device.handle.settled(await device.handle.send(room, { kind: 'text', text: '하나' }))

  const wish = suspension(null)
  const params = { accountId: member.accountId }
  const [told] = await Promise.all([
    admin.api.call('suspend', { params, body: wish }),
    ...['둘', '셋', '넷'].map((text) => device.handle.send(room, { kind: 'text', text })),
  ])
  got(told)
  await waitFor('the device to be told', () => {
    const { connection } = device.handle.view()
    return connection.state === 'signed-out' && connection.suspended === true
  })
  // Some may have been accepted before; none goes out now.
  const before = textsOf(other, room)
  device.handle.wake()
  await device.handle.send(room, { kind: 'text', text: '다섯' })
  const stranger = createApi({ baseUrl: server.url, token: () => null })
  const again = { handle: member.profile.handle, password: PASSWORD, deviceName: '새 기기' }
  const signIn = await stranger.call('signIn', { body: again })
  assert.ok(!signIn.ok)
  assert.deepEqual(
    [signIn.refusal.code, signIn.refusal.suspension?.reason, signIn.refusal.suspension?.appeal],
    ['suspended', wish.reason, wish.appeal],
  )
  const wrong = await stranger.call('signIn', { body: { ...again, password: 'something else entirely' } })
  assert.equal(!wrong.ok && wrong.refusal.code, 'sign-in-failed', 'only who knows the password is told')
  const asked = await member.api.call('listDevices')
  assert.equal(!asked.ok && asked.refusal.suspension?.suspensionId, wish.suspensionId)
  assert.deepEqual(textsOf(other, room), before)
  assert.equal(other.handle.view().replica.rooms.get(room)?.meta.memberCount, 2, 'still a member')

  got(await admin.api.call('liftSuspension', { params, body: { suspensionId: wish.suspensionId, reason: '풀어 드립니다' } }))
  device.handle.wake()
  await untilLive(device)
  await waitFor('all of it, once', () => textsOf(other, room).length === 5)
  assert.deepEqual(textsOf(other, room), ['하나', '둘', '셋', '넷', '다섯'])
  const { rows } = got(await admin.api.call('readJournal', { query: { accountId: member.accountId } }))
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['suspension-lifted', 'suspended', 'account-made'],
  )
})

test('[B50, B53, B55, B57] the operator acts beside a running server, which follows, and the journal tells of it', async (t) => {
  const server = await startServerProcess(t, { env: { BONGSU_HEARTBEAT_MS: '2000' } })
  const [admin, member] = await makePeople(server, 2)
  assert.ok(admin !== undefined && member !== undefined)
  const device = makeDevice(server.url, member)
  await goLive(t, [device])
  const run = async (...args: string[]) => bongsu([...args, '--data', server.directory])
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, note } = await run(...args)
    assert.equal(code, 0, `${args.join(' ')}: ${note}`)
    return out
  }
  assert.match(await done('role', 'person1', 'moderator'), /person1 is a moderator now/)
  await waitFor('the badge', () => device.handle.view().replica.profile?.moderator === true)
  assert.match((await run('role', 'person0', 'member')).note, /last administrator/)
  assert.match((await run('suspend', 'person0', '--for', '1h', '--reason', 'x')).note, /administrator/)
  assert.match((await run('suspend', 'nobody', '--for', '1h', '--reason', 'x')).note, /no account nobody/)
  await done('warn', 'person1', '--reason', '조심해 주세요')
  await waitFor('the warning', () => device.handle.view().replica.notices.size === 1)
  await done('suspend', 'person1', '--for', '7d', '--reason', '잠시 쉬세요', '--appeal', '전화 주세요')
  await waitFor('the suspension', () => device.handle.view().connection.state === 'signed-out')
  assert.equal((await run('suspend', 'person1', '--for', 'ever', '--reason', 'x')).code, 1)
  await server.kill()
  assert.match(await done('unsuspend', 'person1', '--reason', '됐습니다'), /not suspended any more/)
  await server.start()
  device.handle.wake()
  await untilLive(device)
  const shown = await done('audit', '--of', 'person1')
  for (const kind of ['account-made', 'role-changed', 'warned', 'suspended', 'suspension-lifted']) assert.match(shown, new RegExp(kind))
  const { rows, faults } = JSON.parse(await done('audit', '--json')) as { rows: { kind: string; actor: string }[]; faults: unknown[] }
  assert.deepEqual([rows.filter(({ actor }) => actor === 'operator').length, faults.length], [4, 0])
  const verified = await run('verify')
  assert.equal(verified.code, 0, verified.out + verified.note)
})

test('[B53, B54, B55, B57] staff act on their screen, and the person sees what became of it', async (t) => {
  const server = await startServerProcess(t)
  const url = server.url.replace('127.0.0.1', 'localhost')
  const [admin, member] = await makePeople(server, 2)
  assert.ok(admin !== undefined && member !== undefined)
  const room: ConversationId = await makeGroup(admin, '광장', [member])
  const browser = await openBrowser(t)
  const looks = [
    { width: 1280, language: 'ko', theme: 'light' },
    { width: 360, language: 'ko', theme: 'dark' },
    { width: 360, language: 'en', theme: 'light' },
    { width: 1280, language: 'en', theme: 'dark' },
  ] as const
  const signIn = async (look: (typeof looks)[number], handle: string) => {
    const opened = await openPage(await openContext(browser, look), url)
    await by(opened.page, 'handle').fill(handle)
    await by(opened.page, 'password').fill(PASSWORD)
    await by(opened.page, 'submit').click()
    return opened
  }
  for (const look of looks) {
    const name = `${look.width}-${look.theme}-${look.language}`
    const staff = await signIn(look, 'person0')
    const person = await signIn(look, 'person1')
    await by(person.page, 'tab-friends').first().waitFor()
    const { page } = staff
    await by(page, 'tab-settings').click()
    await by(page, 'staff-find').click()
    await by(page, 'staff-handle').fill('person1')
    await by(page, 'staff-search').click()
    await by(page, 'staff-found').waitFor()
    await picture(page, `staff-person-${name}`)
    await by(page, 'staff-warn').click()
    await by(page, 'staff-reason').fill('광장에서는 광고를 올릴 수 없습니다.')
    await by(page, 'staff-submit').click()
    await by(person.page, 'notice').waitFor()
    await picture(person.page, `notice-${name}`)
    await by(person.page, 'notice-read').click()
    await by(person.page, 'notice').waitFor({ state: 'detached' })
    await by(page, 'staff-suspend').click()
    await by(page, 'staff-reason').fill('경고 뒤에도 광고를 거듭 올렸습니다.')
    await by(page, 'staff-appeal').fill('help@example.kr로 알려 주세요.')
    await picture(page, `staff-suspend-${name}`)
    await by(page, 'staff-submit').click()
    await by(person.page, 'suspended').waitFor()
    await by(person.page, 'suspension').waitFor()
    await picture(person.page, `suspended-${name}`)
    await by(page, 'staff-suspended').waitFor()
    await picture(page, `staff-suspended-${name}`)
    // A new sign-in says the same.
    const late = await signIn(look, 'person1')
    await by(late.page, 'suspension').waitFor()
    await picture(late.page, `sign-in-suspended-${name}`)
    await by(page, 'staff-lift').click()
    await by(page, 'staff-reason').fill('이의를 받아들였습니다.')
    await by(page, 'staff-submit').click()
    await by(page, 'staff-suspend').waitFor()
    await by(person.page, 'suspended-again').click()
    await by(person.page, 'tab-friends').first().waitFor()
    await by(page, 'close-sheet').click()
    await by(page, 'staff-journal').click()
    await by(page, 'journal-rows').waitFor()
    await waitFor('rows', async () => (await by(page, 'journal-rows').locator('li').count()) > 3)
    await picture(page, `journal-${name}`)
    assert.deepEqual([...staff.faults, ...person.faults, ...late.faults], [])
    for (const { page: one } of [staff, person, late]) await one.context().close()
  }
  assert.ok(room !== undefined && (await signInAgain(server.url, member, '다시')).accountId === (member.accountId satisfies AccountId))
})
