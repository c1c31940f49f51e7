import { destination, pino } from 'pino'
import type { Logger } from '../../ops/logger.ts'

/** Most text of log lines kept for an output that takes nothing, in UTF-16 units. Beyond it lines are dropped. */
const waitingCharsMax = 1_048_576

/** Says a sentence to people, on standard error. An output that takes nothing, such as a file on a full disk, stops nobody [O4]. */
export function say(text: string): void {
  try {
    process.stderr.write(`${text}\n`)
  } catch {
    // There is nowhere left to say so.
  }
}
process.stderr.on('error', () => undefined)

/** In a terminal, where a person looks: what needs attention, in words [O9]. Everything else is for machines. */
function plainLogger(level: string): Logger {
  const line =
    (shown: boolean) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      const { fault, err } = fields
      const why = typeof fault === 'string' ? fault : err instanceof Error ? err.message : ''
      if (shown) say(`  ${new Date().toTimeString().slice(0, 8)}  ${message}${why === '' ? '' : ` (${why})`}`)
    }
  return {
    info: line(level === 'debug' || level === 'trace'),
    warn: line(!['error', 'fatal', 'silent'].includes(level)),
    error: line(level !== 'silent'),
  }
}

/** JSON lines on standard output. Fields whose names suggest a secret are removed, should one ever be logged. */
export function createLogger(level: string): Logger {
  if (process.stdout.isTTY) return plainLogger(level)
  const output = destination({ dest: 1, sync: true, maxLength: waitingCharsMax })
  output.on('error', () => undefined)
  const logger = pino(
    {
      level,
      base: null,
      redact: {
        paths: [
          'token',
          'password',
          'code',
          'text',
          'body',
          'authorization',
          '*.token',
          '*.password',
          '*.code',
          '*.text',
          '*.body',
          '*.authorization',
        ],
        remove: true,
      },
    },
    output,
  )
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}
