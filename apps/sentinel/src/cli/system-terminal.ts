import { userInfo } from 'node:os'
import type { Terminal } from './terminal.ts'

/** The environment variables a command uses besides the settings. */
export interface Environment {
  readonly directory: string
  readonly timeZone: string
  readonly language: 'ko' | 'en'
  /** `$SUDO_USER`: who became root. */
  readonly sudoUser: string | undefined
}

export function systemTerminal({ directory, timeZone, language, sudoUser }: Environment): Terminal {
  return {
    language,
    timeZone,
    directory,
    user: authorOf(sudoUser === undefined || sudoUser === '' ? userName() : sudoUser),
    now: Date.now,
    interactive: process.stdin.isTTY,
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
      }),
    readInput,
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

async function readInput(bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw Object.assign(new Error(`the text has more than ${bytesMax} bytes`), { code: 'EINPUT' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The name is public under each statement. `root` says nothing about a person, and much about the machine. */
function authorOf(user: string): string {
  return user === 'root' ? 'operator' : user
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id without a name.
    return 'operator'
  }
}
