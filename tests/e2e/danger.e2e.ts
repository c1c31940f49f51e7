import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { by, openBrowser, openContext, openPage } from './browser.ts'
import { startServerProcess } from './server-process.ts'
import { got, makeGroup, makePeople, PASSWORD, signInAgain } from './world.ts'

type Shown = 'color' | 'background-color'

/** Whether an element has the colour of a token, which the browser computes for both. */
async function has(element: Locator, shown: Shown, token: string): Promise<boolean> {
  return element.evaluate(
    (node, [property, name]) => {
      const probe = document.createElement('i')
      probe.style.color = `var(${name})`
      document.body.append(probe)
      const wanted = getComputedStyle(probe).color
      probe.remove()
      return getComputedStyle(node).getPropertyValue(property) === wanted
    },
    [shown, token] as const,
  )
}

test('[C26] what takes something away has the colour of danger, stands last, and asks before it is done', { timeout: 120_000 }, async (t) => {
  const server = await startServerProcess(t)
  const [reader, other] = await makePeople(server, 2)
  assert.ok(reader !== undefined && other !== undefined)
  const room = await makeGroup(other, '첫째 방', [reader])
  await signInAgain(server.url, reader, '다른 기기')
  got(await reader.api.call('createInvite', { body: { validMs: 60_000, uses: 1 } }))
  const browser = await openBrowser(t)
  const { page, faults } = await openPage(await openContext(browser, { width: 1280 }), server.url.replace('127.0.0.1', 'localhost'))
  await by(page, 'handle').fill(reader.profile.handle)
  await by(page, 'password').fill(PASSWORD)
  await by(page, 'submit').click()

  /** Presses the act, and takes it back at the question. */
  const check = async (name: string, act: Locator, inside: string | null): Promise<void> => {
    await act.waitFor()
    assert.ok(await has(act, 'color', '--danger-ink'), `${name}: the colour of danger`)
    if (inside !== null) {
      const last = by(page, inside).locator('button:visible').last()
      assert.equal(await last.getAttribute('data-testid'), await act.getAttribute('data-testid'), `${name}: the last act`)
    }
    await act.click()
    await by(page, 'confirm').waitFor()
    assert.ok(await has(by(page, 'confirm-action'), 'background-color', '--danger'), `${name}: the button`)
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), '취소', name)
    await page.keyboard.press('Enter')
    await by(page, 'confirm').waitFor({ state: 'detached' })
  }

  await by(page, 'tab-friends').first().click()
  await by(page, 'friend-row').first().click()
  await check('removing a friend', by(page, 'remove-friend'), null)
  await check('blocking a person', by(page, 'block'), 'profile-sheet')
  await page.keyboard.press('Escape')
  await by(page, 'invites').click()
  await check('revoking an invite', by(page, 'revoke-invite').first(), 'invites-sheet')
  await page.keyboard.press('Escape')
  await by(page, 'tab-chats').first().click()
  await page.locator(`[data-conversation="${room}"]`).click()
  await by(page, 'room-menu').click()
  await by(page, 'member-row').first().waitFor()
  await check('leaving', by(page, 'leave'), 'room-sheet')
  await page.keyboard.press('Escape')
  await by(page, 'tab-settings').first().click()
  await check('revoking a device', by(page, 'device-row').getByRole('button').first(), null)
  await check('signing out', by(page, 'sign-out'), 'settings')
  assert.equal(got(await reader.api.call('listInvites')).invites.length > 0, true, 'nothing was done')
  assert.deepEqual(faults, [])
})
