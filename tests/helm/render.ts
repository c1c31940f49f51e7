import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { parse, parseAllDocuments, stringify } from 'yaml'

export const CHART = 'deploy/helm/bongsu'

type Json = Readonly<Record<string, unknown>>

/** A rendered chart, or why Helm refuses it. */
export type Rendered = { readonly ok: true; readonly manifests: readonly Json[] } | { readonly ok: false; readonly reason: string }

export const hasHelm = spawnSync('helm', ['version']).status === 0

/** By Helm where it is installed; elsewhere by the engine that Helm uses, after the same check of the values. */
export function render(values: Json): Rendered {
  const made = hasHelm ? byHelm(values) : byGo('manifests', values)
  if (!made.ok) return { ok: false, reason: made.text }
  const manifests = parseAllDocuments(made.text).map((document) => document.toJS() as Json | null)
  return { ok: true, manifests: manifests.filter((manifest) => manifest !== null) }
}

export function notesOf(values: Json): string {
  return byGo('notes', values).text
}

export function example(name: 'server' | 'sentinel'): Json {
  return parse(readFileSync(join(CHART, 'examples', `${name}.yaml`), 'utf8')) as Json
}

interface Made {
  readonly ok: boolean
  readonly text: string
}

function byHelm(values: Json): Made {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-helm-'))
  const file = join(folder, 'values.yaml')
  writeFileSync(file, stringify(values))
  try {
    for (const args of [
      ['lint', '--strict', CHART, '--values', file],
      ['template', 'talk', CHART, '--namespace', 'town', '--values', file],
    ]) {
      const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' })
      if (status !== 0) return { ok: false, text: stdout + stderr }
      if (args[0] === 'template') return { ok: true, text: stdout }
    }
    throw new Error('nothing was rendered')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const validate = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as object)
const defaults = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Json
let program: string | null = null

function byGo(wanted: 'manifests' | 'notes', values: Json): Made {
  if (!validate(merged(defaults, values))) return { ok: false, text: JSON.stringify(validate.errors) }
  program ??= build()
  const { status, stdout, stderr } = spawnSync(program, [CHART, wanted, 'talk', 'town'], { input: stringify(values), encoding: 'utf8' })
  return { ok: status === 0, text: status === 0 ? stdout : stderr }
}

/** Debian's packages for Go are sources in one folder. */
function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-go-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', GOCACHE: join(folder, 'cache'), CGO_ENABLED: '0' }
  execFileSync('go', ['build', '-o', join(folder, 'render'), 'tests/helm/render.go'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return join(folder, 'render')
}

function merged(values: Json, overrides: Json): Json {
  const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
  const all = Object.entries(overrides).map(([key, given]) => [key, isObject(given) && isObject(values[key]) ? merged(values[key], given) : given])
  return { ...values, ...(Object.fromEntries(all) as Json) }
}
