import { useSyncExternalStore } from 'react'

/** A newer version of the app that is downloaded and waits until the person wants it. */
let waiting: ServiceWorker | null = null
const listeners = new Set<() => void>()

function found(worker: ServiceWorker): void {
  waiting = worker
  for (const listener of listeners) listener()
}

/** Keeps the app on the device so that it opens offline. A newer version is never put in by itself: someone may be writing. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const registration = await navigator.serviceWorker.register('/sw.js')
  if (registration.waiting !== null && navigator.serviceWorker.controller !== null) found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const installing = registration.installing
    installing?.addEventListener('statechange', () => {
      // Without a controller this is the first version ever, and nothing is replaced.
      if (installing.state === 'installed' && navigator.serviceWorker.controller !== null) found(installing)
    })
  })
}

export function updateNow(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage({ type: 'SKIP_WAITING' })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useUpdateReady(): boolean {
  return useSyncExternalStore(subscribe, () => waiting !== null)
}

/** For a program too old for its server: fetches the newest one before opening anew, as the stored one would only be the old one again. */
export async function openAnew(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.getRegistration()
    await registration?.update()
    const worker = registration?.waiting ?? registration?.installing
    if (worker !== undefined && worker !== null) {
      found(worker)
      updateNow()
      return
    }
  } catch {
    // Not reachable, or no service worker here: opening anew is what is left.
    location.reload()
    return
  }
  location.reload()
}

/**
 * The page is stored with the headers of the day it was stored, its content security policy among them, and stays so until the app itself changes. When
 * the server's settings have changed what the page may talk to, a fresh one takes its place; it counts from the next opening on.
 */
export async function forgetStoredPage(): Promise<void> {
  try {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        if (new URL(request.url).pathname !== '/index.html') continue
        // The query makes the service worker let it through.
        const fresh = await fetch(`/index.html?at=${Date.now()}`, { cache: 'no-store' })
        if (fresh.ok) await cache.put(request, fresh)
      }
    }
  } catch {
    // No service worker here, or no network just now: the next version of the app brings a fresh page anyway.
    return
  }
}
