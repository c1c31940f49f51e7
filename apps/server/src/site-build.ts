import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Sources of the web app. */
const SOURCES = ['apps/web/src', 'apps/web/public', 'apps/web/index.html', 'apps/web/vite.config.ts', 'packages', 'package-lock.json']

export type SiteState = 'fresh' | 'stale' | 'missing'

/** Whether the web app is built, and newer than its sources. */
export function siteState(root: string): SiteState {
  const built = join(root, 'apps/web/dist/index.html')
  if (!existsSync(built)) return 'missing'
  // A release has no sources, and copying it may have changed file times.
  if (!existsSync(join(root, 'apps/web/src'))) return 'fresh'
  return Math.max(...SOURCES.map((path) => newest(join(root, path)))) > statSync(built).mtimeMs ? 'stale' : 'fresh'
}

/** Decides what a start does about the web app. An old app is better than none, so only a missing app that cannot be built stops a start. */
export function siteStep(state: SiteState, canBuild: boolean): 'use' | 'build' | 'use-stale' | 'refuse' {
  if (state === 'fresh') return 'use'
  if (canBuild) return 'build'
  return state === 'stale' ? 'use-stale' : 'refuse'
}

/** Builds the web app when its sources are newer than the build. @returns whether there is a web app to serve. */
export function ensureSite(root: string, say: (text: string) => void): boolean {
  const step = siteStep(siteState(root), existsSync(join(root, 'node_modules/.bin/vite')))
  if (step === 'use') return true
  if (step === 'use-stale') {
    say('The web app is older than its sources, and its build tools are not installed: the older app is served. "npm install" installs the tools.')
    return true
  }
  if (step === 'refuse') {
    say(
      'The web app is not built, and its build tools are not installed. Run "npm install" without --omit=dev, or use a release, which contains the built app.',
    )
    return false
  }
  say('Building the web app (only when it has changed) …')
  // Output of the build goes to standard error: standard output of the caller may be figures for a program.
  const built = spawnSync('npm', ['run', 'build', '--workspace', 'apps/web'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (built.status === 0) return true
  const isThere = siteState(root) === 'stale'
  say(`The web app could not be built; see above.${isThere ? ' The older app is served.' : ''}`)
  return isThere
}

/** Epoch ms of the newest file below a path, tests excluded; 0 when there is none. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || /\.test\.tsx?$/.test(path)) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  const names = readdirSync(path).filter((name) => name !== 'node_modules' && name !== 'dist')
  return Math.max(0, ...names.map((name) => newest(join(path, name))))
}
