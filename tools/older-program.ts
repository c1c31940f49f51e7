import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './files.ts'

/** The program one version older than this one: what landed before conversations had items. What it needs and this one does not is a dev dependency. */
export const OLDER = '0c83738731df602b84808de232ae5e524f96a5a3'

/** Is the older program in this clone? A shallow clone does not have it. */
export function hasOlderProgram(commit = OLDER): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Puts an older program into a folder of its own, with its own packages and this checkout's libraries. */
export function unpackOlderProgram(commit = OLDER): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-older-'))
  const archive = execFileSync('git', ['archive', '--format=tar', commit, 'apps', 'packages', 'package.json'], {
    cwd: ROOT,
    maxBuffer: 256 * 1024 * 1024,
  })
  execFileSync('tar', ['-x', '-C', folder], { input: archive })
  const [libraries, own] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  mkdirSync(join(own, '@bongsu'), { recursive: true })
  for (const name of readdirSync(libraries)) if (name !== '@bongsu') symlinkSync(join(libraries, name), join(own, name))
  for (const workspace of ['apps', 'packages'])
    for (const name of readdirSync(join(folder, workspace)))
      if (existsSync(join(folder, workspace, name, 'package.json'))) symlinkSync(join(folder, workspace, name), join(own, '@bongsu', name))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
