import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of others that a release hands on. */
export interface ThirdParty {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly text: string
}

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[-._].*)?$/i
/** Where packages keep the text: beside package.json, or with what they are really about. */
const FOLDERS = ['.', 'dist']

/** The texts of a package's licence files, notices included; empty when it has none. */
export function licenceTextIn(folder: string): string {
  for (const inner of FOLDERS) {
    const path = join(folder, inner)
    const files = existsSync(path) ? readdirSync(path).filter((name) => LICENCE_FILE.test(name)) : []
    const texts = files.toSorted().map((name) => readFileSync(join(path, name), 'utf8').replaceAll('\r\n', '\n').trim())
    if (texts.length > 0) return texts.join('\n\n')
  }
  return ''
}

/** For the few packages that name a licence and bring no text of it. */
export function standardText(licence: string, holder: string): string {
  if (licence !== 'MIT') return ''
  return `This package brings no text of its licence. Its package.json names MIT, whose terms are:

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}

/** A package with its licence text; without one a release would break the licence, so that stops it. */
export function thirdParty(name: string, version: string, licence: string, folder: string): ThirdParty {
  const text = licenceTextIn(folder) || standardText(licence, holderIn(folder) ?? `the authors of ${name}`)
  if (text === '') throw new Error(`${name} ${version} (${licence}) brings no text of its licence, and there is no standard one for it here.`)
  return { name, version, licence, text }
}

function holderIn(folder: string): string | null {
  const { author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { author?: string | { name?: string } }
  const name = typeof author === 'string' ? author : author?.name
  return name === undefined || name === '' ? null : name
}

const RULE = '-'.repeat(80)

/** All texts, each once, under the names of the packages it belongs to. */
export function noticesOf(parts: readonly ThirdParty[]): string {
  const byText = Map.groupBy(
    parts.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    ({ text }) => text,
  )
  const sections = [...byText].map(
    ([text, those]) => `${those.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n')}\n\n${text}`,
  )
  const head = `This release of Bongsu holds the following software of others. Bongsu itself is under Apache-2.0, see LICENSE.\nNode.js and what is inside it: see node/LICENSE.\n`
  return [head, ...sections.map((section) => `${section}\n`)].join(`\n${RULE}\n\n`)
}
