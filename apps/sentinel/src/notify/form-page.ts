import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { MARK } from '../publish/icons.ts'
import type { Language } from '../publish/numbers.ts'

// Pages with forms: rendered on the server, without scripts. They use the style of the public pages and add the style of forms.

export const FORM_BOUNDS = { bodyBytesMax: 65_536 } as const

export interface FormPage {
  readonly language: Language
  readonly title: string
  /** Name of the messenger. */
  readonly name: string
  /** Already HTML. */
  readonly body: string
  /** Path of this page with its query and without a language. Null where changing the language would lose something. */
  readonly here: string | null
  /** Shown beside the brand, already HTML. */
  readonly menu?: string
  /** Path prefix such as `/status` behind a proxy; mostly empty. */
  readonly base: string
}

export function formDocument({ language, title, name, body, here, menu, base }: FormPage): string {
  const other = language === 'ko' ? 'en' : 'ko'
  const swap =
    here === null
      ? ''
      : html`<a class="language" lang="${other}" hreflang="${other}" href="${base}${here}${here.includes('?') ? '&' : '?'}lang=${other}"
          >${other === 'ko' ? '한국어' : 'English'}</a
        >`
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${name}</title>
        <link rel="stylesheet" href="${base}/status.css" />
        <link rel="stylesheet" href="${base}/forms.css" />
        <link rel="icon" type="image/svg+xml" href="${base}/mark.svg" />
      </head>
      <body>
        <div class="page">
          <header class="top">
            <a class="brand" href="${base}/${language === 'ko' ? '' : 'en/'}"
              >!${MARK}<b>${language === 'ko' ? `${name} 상태` : `${name} status`}</b></a
            >
            !${menu ?? ''}!${swap}
          </header>
          <main id="main" class="forms">!${body}</main>
        </div>
      </body>
    </html> `
}

const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Forbids caching, scripts, framing and referrers for these pages. */
export function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      // Other sites learn nothing from the referrer. Our own forms need it to prove their origin.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
    })
    .send(page)
}

/** The language in the address, else the browser's preference, else Korean. */
export function languageOf(request: FastifyRequest, remembered?: string): Language {
  const asked = (request.query as Readonly<Record<string, unknown>>)['lang']
  for (const choice of [asked, remembered]) if (choice === 'ko' || choice === 'en') return choice
  const accepted = request.headers['accept-language'] ?? ''
  return /^en\b/i.test(accepted.trim()) ? 'en' : 'ko'
}

/** Parses forms into URLSearchParams, in this scope alone. Bodies of other kinds are discarded: the address already contains the essentials. */
export function readForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BOUNDS.bodyBytesMax },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )
  scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: FORM_BOUNDS.bodyBytesMax }, (_request, body, done) =>
    done(null, formOfJson(String(body))),
  )
  scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: FORM_BOUNDS.bodyBytesMax }, (_request, _body, done) =>
    done(null, new URLSearchParams()),
  )
}

/** For programs. JSON other than an object of texts counts as an empty form and is answered as one. */
function formOfJson(text: string): URLSearchParams {
  try {
    const fields = Object.entries((JSON.parse(text) ?? {}) as object).filter((field): field is [string, string] => typeof field[1] === 'string')
    return new URLSearchParams(fields)
  } catch {
    return new URLSearchParams()
  }
}

/** The form of a request; empty when the request has no body. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}

const STYLE = readFileSync(new URL('assets/forms.css', import.meta.url), 'utf8')

export function serveFormStyle(app: FastifyInstance): void {
  // Whichever part is mounted first adds the file: operator page and subscriptions must not depend on each other.
  if (app.hasRoute({ method: 'GET', url: '/forms.css' })) return
  app.get('/forms.css', (_request, reply) => reply.headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' }).send(STYLE))
}
