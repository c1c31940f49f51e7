import { pino } from 'pino'
import type { Logger } from '../../ops/logger.ts'

/** JSON lines on standard output. Fields whose names suggest a secret are removed, should one ever be logged. */
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
