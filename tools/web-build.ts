import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ourFiles, ROOT } from './files.ts'

const BUILT = 'apps/web/dist/index.html'
const SOURCES = ['apps/web/*.*', 'apps/web/{src,public}/**/*.*', 'packages/{client,protocol}/src/**/*.ts', 'package-lock.json']

function isStale(): boolean {
  const built = join(ROOT, BUILT)
  if (!existsSync(built)) return true
  const builtAt = statSync(built).mtimeMs
  return SOURCES.flatMap(ourFiles)
    .filter((file) => !file.endsWith('.test.ts'))
    .some((file) => statSync(join(ROOT, file)).mtimeMs > builtAt)
}

/** Builds the web app where its sources are newer than its build. @returns whether a good build is there now. */
export function ensureWebBuild(): boolean {
  if (!isStale()) return true
  // What it says goes beside what whoever asks for it has to say, which may be figures for a program.
  return spawnSync('npm', ['run', 'build', '--workspace', 'apps/web'], { cwd: ROOT, stdio: ['inherit', 2, 2] }).status === 0
}
