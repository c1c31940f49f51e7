import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from './terminal.ts'

/** The environment variables a command uses besides the settings. */
export interface Environment {
  readonly directory: string
  readonly timeZone: string
  readonly language: 'ko' | 'en'
  /** `$VISUAL` or `$EDITOR`. */
  readonly editor: string | undefined
}

/** The real terminal of this process. */
export function systemTerminal({ directory, timeZone, language, editor }: Environment): Terminal {
  return {
    language,
    timeZone,
    directory,
    user: userName(),
    now: Date.now,
    interactive: process.stdin.isTTY,
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
      }),
    readInput,
    edit: (text) => edit(editor, text),
  }
}

/** The language of messages from the usual variables; the first one that is set counts. */
export function languageOf(...variables: readonly (string | undefined)[]): 'ko' | 'en' {
  return variables
    .find((value) => value !== undefined && value !== '')
    ?.toLowerCase()
    .startsWith('ko') === true
    ? 'ko'
    : 'en'
}

/** Null when there is no editor, the editor failed, or the text file is gone. */
async function edit(editor: string | undefined, text: string): Promise<string | null> {
  if (editor === undefined || editor === '') return null
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-'))
  const file = join(folder, 'update.txt')
  try {
    writeFileSync(file, text, { mode: 0o600 })
    // Run by the shell, because EDITOR may contain arguments. The file is a separate argument.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    const code = await new Promise<number | null>((resolve) => {
      child.on('error', () => resolve(null))
      child.on('exit', resolve)
    })
    return code === 0 ? readFileSync(file, 'utf8') : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function readInput(bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw Object.assign(new Error(`the piped input has more than ${bytesMax} bytes`), { code: 'EINPUT' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id without a name.
    return 'operator'
  }
}
