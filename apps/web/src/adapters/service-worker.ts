import { useSyncExternalStore } from 'react'

/** A downloaded newer version of the app that waits for the person's consent. */
let waiting: ServiceWorker | null = null
const listeners = new Set<() => void>()

function found(worker: ServiceWorker): void {
  waiting = worker
  for (const listener of listeners) listener()
}

/** Stores the app on the device so that it opens offline. A newer version never starts by itself: someone may be writing. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const registration = await navigator.serviceWorker.register('/sw.js')
  if (registration.waiting !== null && navigator.serviceWorker.controller !== null) found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const installing = registration.installing
    installing?.addEventListener('statechange', () => {
      // Without a controller this is the first version, and nothing is replaced.
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

/** For a program too old for its server: downloads the newest version before reloading, because the stored one would only be the old one again. */
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
    // Not reachable, or no service worker here: reloading is all that is left.
    location.reload()
    return
  }
  location.reload()
}

/**
 * The page is stored with its headers, including the content security policy, until the app itself changes. When the server's settings change the
 * allowed addresses, a fresh page replaces the stored one. It takes effect at the next start.
 */
export async function forgetStoredPage(): Promise<void> {
  try {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        if (new URL(request.url).pathname !== '/index.html') continue
        // The query makes the service worker pass the request to the network.
        const fresh = await fetch(`/index.html?at=${Date.now()}`, { cache: 'no-store' })
        if (fresh.ok) await cache.put(request, fresh)
      }
    }
  } catch {
    // No service worker, or no network at the moment: the next version of the app brings a fresh page anyway.
    return
  }
}
