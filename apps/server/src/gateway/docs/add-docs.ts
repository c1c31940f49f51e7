import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closeCodeTable, refusalTable, wireLimits } from '@bongsu/protocol/code-tables'
import { asyncApi, openApi } from '@bongsu/protocol/documents'
import type { FastifyInstance } from 'fastify'
import { layout } from './html.ts'
import { referencePage } from './reference.ts'
import { serverLimits, type ServerSettings } from './server-limits.ts'

export interface DocsOptions {
  readonly version: string
  /** Public address of the server, known when it listens. */
  readonly origin: () => string
  readonly settings: ServerSettings
  /** Folder of the built web app, whose typeface the pages use; null without one. */
  readonly site: string | null
}

/** Root of the checkout or release, where the documents are. */
const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))

/** The written documents: their address, their file, and their title. */
const WRITTEN = [
  { name: 'guide', file: 'docs/guide/write-a-client.md', title: 'Write a client' },
  { name: 'conformance', file: 'docs/guide/conformance.md', title: 'Test a client' },
  { name: 'spec', file: 'SPEC.md', title: 'What Bongsu promises' },
] as const

/** A client in one file, for readers of the guide. */
const EXAMPLE = 'docs/guide/client.py'

/** Where links between files of the sources lead on a server. */
const SERVED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(WRITTEN.map(({ name, file }) => [file, `/docs/${name}`])),
  [EXAMPLE]: '/docs/client.py',
  'packages/protocol/src/limits.ts': '/docs/limits.json',
  'packages/protocol/src/refusals.ts': '/docs/refusals.json',
}

/** Where a link leads that stands in a file of the sources. */
function linkFrom(file: string): (href: string) => string | null {
  return (href) => {
    if (/^(?:https:|\/docs\b|#)/.test(href)) return href
    const { pathname, hash } = new URL(href, `file:///${file}`)
    const served = SERVED[pathname.slice(1)]
    return served === undefined ? null : served + hash
  }
}

/** Computes a value at its first use. Documents cost nothing until somebody reads them. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}

/** The rules of the built web app that load its typeface. */
function typefaceOf(site: string | null): string {
  if (site === null) return ''
  return globSync('assets/*.css', { cwd: site })
    .flatMap((file) => readFileSync(join(site, file), 'utf8').match(/@font-face\s*\{[^}]*\}/g) ?? [])
    .join('\n')
}

/** The documents for authors of clients [W5]. Shapes, limits and codes are generated from what the server checks with. */
export function addDocs(app: FastifyInstance, { version, origin, settings, site }: DocsOptions): void {
  const own = serverLimits(settings)
  const style = once(() => `${typefaceOf(site)}\n${readFileSync(new URL('docs.css', import.meta.url), 'utf8')}`)
  const reference = once(() => layout({ title: 'Reference', path: '/docs', ...referencePage(own) }, version))
  const documents = { openapi: once(() => openApi({ version, origin: origin() })), asyncapi: once(() => asyncApi({ version, origin: origin() })) }

  const html = 'text/html; charset=utf-8'
  app.get('/docs', (_request, reply) => reply.type(html).send(reference()))
  app.get('/docs/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(style()))
  app.get('/docs/openapi.json', (_request, reply) => reply.send(documents.openapi()))
  app.get('/docs/asyncapi.json', (_request, reply) => reply.send(documents.asyncapi()))
  app.get('/docs/limits.json', (_request, reply) => reply.send({ version, wire: wireLimits(), server: own }))
  app.get('/docs/refusals.json', (_request, reply) => reply.send({ version, refusals: refusalTable() }))
  app.get('/docs/close-codes.json', (_request, reply) => reply.send({ version, closeCodes: closeCodeTable() }))

  const example = once(() => readFileSync(join(ROOT, EXAMPLE), 'utf8'))
  app.get('/docs/client.py', (_request, reply) => reply.type('text/plain; charset=utf-8').send(example()))

  for (const { name, file, title } of WRITTEN) {
    const source = once(() => readFileSync(join(ROOT, file), 'utf8'))
    // The renderer is loaded with the first document: most servers show none.
    const rendered = once(async () => {
      const { renderMarkdown } = await import('./markdown.ts')
      const { html: body, headings } = renderMarkdown(source(), linkFrom(file))
      return layout({ title, path: `/docs/${name}`, body, headings }, version)
    })
    app.get(`/docs/${name}.md`, (_request, reply) => reply.type('text/markdown; charset=utf-8').send(source()))
    app.get(`/docs/${name}`, async (_request, reply) => reply.type(html).send(await rendered()))
  }
}
