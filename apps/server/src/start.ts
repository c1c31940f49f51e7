import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// What `npm start` runs: builds the web app when its sources are newer than what was built, then becomes the server.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const built = join(root, 'apps/web/dist/index.html')
const sources = ['apps/web', 'packages/client', 'packages/protocol', 'package-lock.json']

function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  const names = readdirSync(path).filter((name) => name !== 'node_modules' && name !== 'dist')
  return Math.max(0, ...names.map((name) => newest(join(path, name))))
}

const stale = !existsSync(built) || Math.max(...sources.map((path) => newest(join(root, path)))) > statSync(built).mtimeMs
if (stale && !process.argv.includes('--help')) {
  process.stderr.write('Building the web app (only when it has changed) …\n')
  const result = spawnSync('npm', ['run', 'build', '--workspace', 'apps/web'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (result.status !== 0) {
    process.stderr.write('The web app could not be built; see above.\n')
    process.exit(1)
  }
}
await import('./main.ts')
