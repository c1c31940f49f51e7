import { isIP, isIPv4 } from 'node:net'

/** One setting: how it is parsed, its default, and its purpose. The program's table is the only place that knows it. */
export interface Setting<T> {
  readonly env: string
  readonly default: T
  /** Default as shown in documents, where it depends on something else. */
  readonly defaultText?: string
  readonly about: string
  readonly read: (text: string) => T | Problem
}

/** Why a value cannot be used, as the end of the sentence "BONGSU_PORT …". */
export class Problem {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const setting = <T>(it: Setting<T>): Setting<T> => it

export const text = (max: number) => (value: string) => (value.length <= max ? value : new Problem(`must be at most ${max} characters long`))

export const whole = (min: number, max: number) => (value: string) => {
  const number = Number(value)
  return /^\d+$/.test(value) && number >= min && number <= max ? number : new Problem(`must be a whole number from ${min} to ${max}`)
}

export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (value: string): T | Problem =>
    words.find((word) => word === value) ?? new Problem(`must be one of: ${words.join(', ')}`)

/** Comma-separated parts, without surrounding spaces. */
export const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** Proxies that may state the client's address: addresses, ranges, or named groups. */
export function proxies(value: string): readonly string[] | Problem {
  const wrong = list(value).find((part) => !['loopback', 'linklocal', 'uniquelocal'].includes(part) && !isRange(part))
  return wrong === undefined
    ? list(value)
    : new Problem(`must list addresses, ranges such as 10.0.0.0/8, or the word loopback; "${wrong}" is not one`)
}

/** An address with the number of its leading bits. A range of all addresses is refused: every client would be trusted. */
function isRange(value: string): boolean {
  const [address = '', bits, more] = value.split('/')
  if (isIP(address) === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (isIPv4(address) ? 32 : 128))
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

// oxlint-disable-next-line typescript/no-explicit-any -- each row of a table has a type of its own
type Table = Readonly<Record<string, Setting<any>>>
export type Values<T extends Table> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never }

/**
 * Reads all settings of a table. Every problem is reported, not only the first.
 * @param owns which names belong to this program. A name that belongs to it and is not in the table is a problem, nearly always a typing error.
 */
export function readSettings<T extends Table>(
  table: T,
  env: Readonly<Record<string, string | undefined>>,
  owns: (name: string) => boolean,
): { readonly ok: true; readonly config: Values<T> } | { readonly ok: false; readonly problems: readonly string[] } {
  const problems: string[] = []
  const values = Object.entries(table).map(([key, it]) => {
    const given = env[it.env]
    if (given === undefined || given === '') return [key, it.default as unknown]
    const value = (it.read as (text: string) => unknown)(given)
    if (value instanceof Problem) problems.push(`${it.env} ${value.text}.`)
    return [key, value]
  })
  const known = new Set<string>(Object.values(table).map((it) => it.env))
  for (const name of Object.keys(env)) if (owns(name) && !known.has(name)) problems.push(`${name} is not a setting of Bongsu.`)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config: Object.freeze(Object.fromEntries(values)) as Values<T> }
}

/**
 * The part of a shared environment for one of several programs started together: its own settings, and everything that belongs to no program. Secrets
 * of one program are then not in the memory of another.
 */
export function ownEnvironment(
  table: Table,
  env: Readonly<Record<string, string | undefined>>,
  ofAny: (name: string) => boolean,
): Readonly<Record<string, string | undefined>> {
  const own = new Set(Object.values(table).map((it) => it.env))
  return Object.fromEntries(Object.entries(env).filter(([name]) => own.has(name) || !ofAny(name)))
}

/** The settings as lines of text, for `--help` and .env.example. */
export function describeSettings(table: Table): string {
  return Object.values(table)
    .map((it) => {
      const shown = it.defaultText === undefined ? null : `(default: ${it.defaultText})`
      return `# ${it.about}${shown === null ? '' : ` ${shown}`}\n# ${it.env}=${shown === null ? String(it.default) : ''}\n`
    })
    .join('\n')
}
