import { createServer } from 'node:net'

/** In Linux's abstract namespace: it is gone with the process that has it, whatever that process dies of. */
const NAME = '\0bongsu-bench'

/**
 * Two benches at once would measure each other.
 * @returns what gives the place free again, or null when another bench has it.
 */
export async function becomeOnlyBench(name = NAME): Promise<(() => Promise<void>) | null> {
  const place = createServer()
  return new Promise((resolve, reject) => {
    place.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    place.listen(name, () => {
      // It is for having, and keeps nobody waiting.
      place.unref()
      resolve(() => new Promise((freed) => void place.close(() => freed())))
    })
  })
}
