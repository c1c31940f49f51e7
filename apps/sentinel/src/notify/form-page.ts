import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import { MARK } from '../publish/icons.ts'
import type { Language } from '../vocabulary/numbers.ts'

// Pages with forms: rendered on the server, without scripts. They have the style of the public pages.

export const FORM_BOUNDS = { bodyBytesMax: 65_536 } as const

/**
 * The pages with forms at one address.
 * @param serviceUrl its path, such as `/status` behind a proxy, stands before every address; mostly it is empty.
 */
export function formPages(serviceUrl: string, name: () => string) {
  const base = new URL(serviceUrl).pathname.replace(/\/$/, '')
  return {
    base,
    /**
     * @param body already HTML, as is `menu`, which stands beside the brand.
     * @param here path of this page with its query and without a language. Null where changing the language would lose something.
     */
    show: (reply: FastifyReply, status: number, language: Language, title: Text, body: string, here: string | null, menu = ''): FastifyReply => {
      // The headers of all answers say the rest. Our own forms need the referrer to prove their origin.
      const headers = { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'same-origin', 'x-robots-tag': 'noindex' }
      return reply
        .code(status)
        .headers(headers)
        .send(formDocument(base, language, title[language], name(), body, here, menu))
    },
  }
}

function formDocument(base: string, language: Language, title: string, name: string, body: string, here: string | null, menu: string): string {
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
        <link rel="icon" type="image/svg+xml" href="${base}/mark.svg" />
      </head>
      <body>
        <div class="page">
          <header class="top">
            <a class="brand" href="${base}/${language === 'ko' ? '' : 'en/'}"
              >!${MARK}<b>${language === 'ko' ? `${name} 상태` : `${name} status`}</b></a
            >
            !${menu}!${swap}
          </header>
          <main id="main" class="forms">!${body}</main>
        </div>
      </body>
    </html> `
}

/** A value in the query of the address; empty when it is missing, or there twice. */
export function asked(request: FastifyRequest, name: string): string {
  const value = (request.query as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : ''
}

/** The language in the address, else the browser's preference, else Korean. */
export function languageOf(request: FastifyRequest, remembered?: string): Language {
  for (const choice of [asked(request, 'lang'), remembered]) if (choice === 'ko' || choice === 'en') return choice
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
  scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: FORM_BOUNDS.bodyBytesMax }, (_request, _body, done) =>
    done(null, new URLSearchParams()),
  )
}

/** The form of a request; empty when the request has no body. */
export function formOf(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}
