/** A process that moves a history from a folder to a database, and is killed before one of its calls: <folder> <url> <name and number of the call, or never>. */
import { PostgresTarget } from '../../apps/server/src/adapters/postgres/move-side.ts'
import { SqliteSource } from '../../apps/server/src/adapters/sqlite/move-side.ts'
import { MOVING_BOUNDS } from '../../apps/server/src/moving/bounds.ts'
import { move } from '../../apps/server/src/moving/move.ts'

const [directory = '', url = '', at = ''] = process.argv.slice(2)
const bounds = { ...MOVING_BOUNDS, rowsPerPage: 10, ownersAtOnce: 2 }
const calls = new Map<string, number>()

function killed<Side extends object>(side: Side): Side {
  return new Proxy(side, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      const name = String(property)
      return (...args: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1)
        if (`${name} ${calls.get(name)}` === at) process.kill(process.pid, 'SIGKILL')
        return (value as (...all: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}

const source = new SqliteSource(directory, bounds)
const target = await PostgresTarget.open(url, 'refuse', bounds)
await move({
  source: killed(source),
  target: killed(target),
  bounds,
  verify: {},
  progress: () => undefined,
})
await Promise.all([source.close(), target.close()])
