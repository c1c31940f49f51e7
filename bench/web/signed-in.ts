import type { AccountId, DeviceId } from '@bongsu/protocol'
import type { Page } from 'playwright-core'

/** Puts a session into the app's own database, as signing in does: what is measured is not the password. */
export async function putSession(
  page: Page,
  session: { readonly token: string; readonly deviceId: DeviceId; readonly accountId: AccountId },
): Promise<void> {
  await page.evaluate(
    (value) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('bongsu')
        opening.addEventListener('error', () => reject(new Error('the database does not open')))
        opening.addEventListener('success', () => {
          const write = opening.result.transaction('session', 'readwrite')
          write.objectStore('session').put(value, 'session')
          write.addEventListener('complete', () => {
            opening.result.close()
            resolve()
          })
          write.addEventListener('abort', () => reject(new Error('the session was not stored')))
        })
      }),
    session,
  )
}

/** How many entries the device has stored. */
export function storedEntries(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('bongsu')
        opening.addEventListener('error', () => reject(new Error('the database does not open')))
        opening.addEventListener('success', () => {
          const counting = opening.result.transaction('entries').objectStore('entries').count()
          counting.addEventListener('success', () => {
            opening.result.close()
            resolve(counting.result)
          })
        })
      }),
  )
}
