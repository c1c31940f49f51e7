import { CLOSE_CODES, REFUSALS } from '@bongsu/protocol'
import { asyncApi, openApi } from '@bongsu/protocol/documents'
import { DownFrameSchema, ROUTES, UpFrameSchema, type Route } from '@bongsu/protocol/schemas'
import type { FastifyInstance } from 'fastify'

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const rows = (cells: readonly (readonly string[])[]): string =>
  cells
    .map(
      (row) =>
        `<tr>${row.map((cell, index) => (index === 0 ? `<th scope="row"><code>${escape(cell)}</code></th>` : `<td>${escape(cell)}</td>`)).join('')}</tr>`,
    )
    .join('\n')

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('')}</tr></thead><tbody>${rows(body)}</tbody></table>`

const typesOf = (schema: { readonly anyOf: readonly object[] }): readonly string[] =>
  schema.anyOf.map((frame) => (frame as { properties: { t: { const: string } } }).properties.t.const)

const STYLE = `body{font:15px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f1b16;background:#f6f3ee}
table{border-collapse:collapse;width:100%;margin:0 0 2rem}th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #e6dfd4;font-weight:400}
thead th{color:#665d52}h1{font-size:1.5rem}h2{font-size:1.125rem;margin-top:2rem}a{color:#1d5bb5}
@media(prefers-color-scheme:dark){body{background:#0f1219;color:#ece8e1}th,td{border-color:#2a3040}thead th{color:#a8adba}a{color:#8fb8ff}}`

/** The documents of the wire for authors of clients, generated from the schemas that check it. */
export function addDocs(app: FastifyInstance, version: string): void {
  const routes: readonly Route[] = Object.values(ROUTES)
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Bongsu: the wire</title><link rel="stylesheet" href="/docs/style.css">
<h1>Bongsu ${escape(version)}: the wire</h1>
<p>JSON over a WebSocket at <code>/v1/socket</code> (subprotocol <code>bongsu.v1</code>), and HTTP for the rest. Exact shapes: <a href="/docs/openapi.json">OpenAPI</a>, <a href="/docs/asyncapi.json">AsyncAPI</a>.</p>
<h2>HTTP</h2>${table(
    ['Route', 'What it does'],
    routes.map((route) => [`${route.method} ${route.path}`, `${route.about}${route.open === true ? ' (No token needed.)' : ''}`]),
  )}
<h2>Frames up</h2><p>${typesOf(UpFrameSchema)
    .map((type) => `<code>${type}</code>`)
    .join(', ')}</p>
<h2>Frames down</h2><p>${typesOf(DownFrameSchema)
    .map((type) => `<code>${type}</code>`)
    .join(', ')}</p>
<h2>Refusals</h2>${table(
    ['Code', 'Try again', 'Meaning'],
    Object.entries(REFUSALS).map(([code, { retry, about }]) => [code, retry, about]),
  )}
<h2>Close codes</h2>${table(
    ['Code', 'Meaning'],
    Object.values(CLOSE_CODES).map(({ code, about }) => [String(code), about]),
  )}
</html>`
  const documents = { openApi: openApi(version), asyncApi: asyncApi(version) }
  app.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/docs/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  app.get('/docs/openapi.json', (_request, reply) => reply.send(documents.openApi))
  app.get('/docs/asyncapi.json', (_request, reply) => reply.send(documents.asyncApi))
}
