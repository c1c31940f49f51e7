import { pino } from 'pino'
import type { Logger } from '../../ops/logger.ts'

/** JSON lines on standard output. What could carry a secret is cut out by name, should it ever get into a field. */
export function createLogger(level: string): Logger {
  const logger = pino({
    level,
    base: null,
    redact: {
      paths: ['token', 'password', 'code', 'text', 'body', 'authorization', '*.token', '*.password', '*.code', '*.text', '*.body', '*.authorization'],
      remove: true,
    },
  })
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}
