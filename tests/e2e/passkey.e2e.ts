import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser } from './browser.ts'
import { startSentinelProcess } from './sentinel-process.ts'
import { waitFor } from './wait-for.ts'

const password = '봉수대에 불을 올려라, 다섯 번'
const DEAD = { BONGSU_STATUS_SERVER: 'http://127.0.0.1:9', BONGSU_SENTINEL_KEY: 'a-key-of-nobody-at-all-in-the-world' }

test('[S12] an operator makes a passkey, signs in with it, and no longer once it is removed', async (t) => {
  const sentinel = await startSentinelProcess(t, DEAD)
  const [, link = ''] = (await waitFor('the link', () => /operator\/set-up\?link=([\w-]+)/.exec(sentinel.said))) as readonly string[]
  // Passkeys belong to a name, and an address is none.
  const url = sentinel.url.replace('127.0.0.1', 'localhost')
  const browser = await openBrowser(t)
  const context = await browser.newContext({ locale: 'en' })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } })

  await page.goto(`${url}/operator/set-up?link=${link}`)
  await page.fill('#name', '김봉화')
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await page.fill('#name', '김봉화')
  await page.fill('#password', password)
  await page.click('button:text-is("Sign in")')
  await page.goto(`${url}/operator/people`)
  await page.click('button:has-text("Make a passkey")')
  await page.getByText('1 passkey', { exact: true }).waitFor()

  await page.click('button:has-text("Sign out")')
  await page.click('button:has-text("Sign in with a passkey")')
  await page.getByRole('heading', { name: 'Now' }).waitFor()

  await page.goto(`${url}/operator/people`)
  await page.click('button:has-text("Remove all my passkeys")')
  await page.getByText('0 passkeys').waitFor()
  await page.click('button:has-text("Sign out")')
  await page.click('button:has-text("Sign in with a passkey")')
  await page.getByText('This passkey is not known here.').waitFor()
  assert.match(page.url(), /\/operator\/sign-in\/passkey$/)
})
