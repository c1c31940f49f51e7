import { basename, join, resolve, sep } from 'node:path'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/**
 * Permissions of our pages in the browser: load from this origin, connect to this server and the sentinel, nothing else. `style-src` forbids inline
 * styles too: React sets styles through the CSS object model, which the policy does not cover.
 */
export async function addSecurityHeaders(app: FastifyInstance, origins: ReadonlySet<string>, statusUrl: string | null): Promise<void> {
  // A policy cannot name an IPv6 address. There, 'self' must suffice.
  const nameable = (origin: string): boolean => !origin.includes('[')
  const sockets = [...origins].filter(nameable).map((origin) => origin.replace(/^http/, 'ws'))
  const status = (statusUrl === null ? [] : [new URL(statusUrl).origin]).filter(nameable)
  const secure = origins.size > 0 && [...origins].every((origin) => origin.startsWith('https:'))
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'font-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'", ...sockets, ...status],
        'worker-src': ["'self'"],
        'manifest-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(self), payment=(), usb=()')
  })
}

/**
 * The web app. Files with a hash in their name never change. All other files are revalidated each time. The page itself is not stored: Safari keeps a
 * page that is left in memory, in the middle of what it stores on the device, and the next page waits for it without end. It does not keep one that
 * must not be stored.
 */
export async function addSite(app: FastifyInstance, folder: string): Promise<void> {
  const root = resolve(folder)
  const hashed = join(root, 'assets') + sep
  await app.register(fastifyStatic, {
    root,
    index: false,
    cacheControl: false,
    preCompressed: true,
    setHeaders(reply, path) {
      const page = basename(path).startsWith('index.html')
      void reply.header('cache-control', path.startsWith(hashed) ? 'public, max-age=31536000, immutable' : page ? 'no-store' : 'no-cache')
    },
  })
  // By file name: the plug-in does not look for a compressed file behind a folder's address.
  app.get('/', (_request, reply) => reply.sendFile('index.html'))
}
