import { closeCodeTable, refusalTable, wireLimits, type PublishedLimit } from '@bongsu/protocol/code-tables'
import { DownFrameSchema, HEALTH_ROUTES, ROUTES, UpFrameSchema, type Route } from '@bongsu/protocol/schemas'
import { escape, prose, table, type Heading } from './html.ts'

interface FrameSchema {
  readonly description?: string
  readonly properties: { readonly t: { readonly const: string } }
}

const code = (text: string): string => `<code>${escape(text)}</code>`

function routeRows(): string[][] {
  const routes = Object.values<Route>(ROUTES).map(({ method, path, about, open, key }) => [
    code(`${method} ${path}`),
    `${prose(about)}${open === true ? ' (No token needed.)' : key === undefined ? '' : ' (For the sentinel, with its key.)'}`,
  ])
  const health = Object.values(HEALTH_ROUTES).map(({ path, about }) => [code(`GET ${path}`), prose(about)])
  return [...routes, ...health]
}

function frameRows(union: { readonly anyOf: readonly object[] }): string[][] {
  return union.anyOf.map((one) => {
    const { properties, description = '' } = one as FrameSchema
    return [code(properties.t.const), prose(description)]
  })
}

function limitRows(limits: readonly PublishedLimit[]): string[][] {
  return limits.map(({ name, value, unit, about }) => [code(name), `${value.toLocaleString('en')} ${escape(unit)}`, prose(about)])
}

const DOCUMENTS: readonly (readonly [href: string, name: string, about: string])[] = [
  ['/docs/guide', 'Guide', 'How to write a client, from the first connection to a restore, with transcripts. Begin here.'],
  ['/docs/conformance', 'Test kit', 'A program that tests any client against the promises, through breaks, kills and restores.'],
  ['/docs/spec', 'Rules', 'What Bongsu promises: the contract between people, devices and servers.'],
  ['/docs/openapi.json', 'OpenAPI', 'Every HTTP operation and its exact shapes.'],
  ['/docs/asyncapi.json', 'AsyncAPI', 'Every frame of the WebSocket and its exact shape.'],
  ['/docs/limits.json', 'Limits', 'Every bound of this server, as data.'],
  ['/docs/refusals.json', 'Refusals', 'Every refusal code and what to do, as data.'],
  ['/docs/close-codes.json', 'Close codes', 'Every close code and what to do, as data.'],
]

/** The page that lists everything that a client may meet. */
export function referencePage(ownLimits: readonly PublishedLimit[]): { readonly body: string; readonly headings: readonly Heading[] } {
  const sections: readonly (readonly [title: string, content: string])[] = [
    ['HTTP', table(['Route', 'What it does'], routeRows())],
    ['Frames of a device', table(['Type', 'What it says'], frameRows(UpFrameSchema))],
    ['Frames of the server', table(['Type', 'What it says'], frameRows(DownFrameSchema))],
    [
      'Refusals',
      table(
        ['Code', 'Status', 'Retry', 'Meaning', 'What to do'],
        refusalTable().map(({ code: name, status, retry, about, advice }) => [code(name), String(status), retry, prose(about), prose(advice)]),
      ),
    ],
    [
      'Close codes',
      table(
        ['Code', 'Meaning', 'What to do'],
        closeCodeTable().map(({ code: number, about, advice }) => [code(String(number)), prose(about), prose(advice)]),
      ),
    ],
    ['Limits of the wire', table(['Name', 'Value', 'Meaning'], limitRows(wireLimits()))],
    ['Limits of this server', table(['Name', 'Value', 'Meaning'], limitRows(ownLimits))],
  ]
  const headings = sections.map(([title]): Heading => ({ level: 2, id: title.toLowerCase().replaceAll(' ', '-'), text: escape(title) }))
  const cards = DOCUMENTS.map(([href, name, about]) => `<li><a href="${href}"><b>${name}</b> <span>${prose(about)}</span></a></li>`).join('\n')
  const body = `<h1>Reference of the wire</h1>
<p>JSON over a WebSocket at <code>/v1/socket</code> (subprotocol <code>bongsu.v1</code>), and HTTP for the rest.</p>
<ul class="cards">${cards}</ul>
${sections.map(([title, content], index) => `<h2 id="${headings[index]?.id ?? ''}">${escape(title)}</h2>\n${content}`).join('\n')}`
  return { body, headings }
}
