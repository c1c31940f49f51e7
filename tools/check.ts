import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './files.ts'

/** `npm run check`: everything that can be said of the code without running it. With --fix it first formats, and mends what can be mended. */
const fix = process.argv.includes('--fix')

interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

const FIXES: readonly Check[] = [
  { name: 'mend', command: 'oxlint', args: ['--type-aware', '--fix', '--quiet'] },
  { name: 'format', command: 'oxfmt', args: [] },
]

const CHECKS: readonly Check[] = [
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'unused', command: 'knip', args: ['--no-progress'] },
  { name: 'house rules', command: process.execPath, args: ['--test', 'tools/tidy.test.ts'] },
]

function run({ name, command, args }: Check): Promise<boolean> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, PATH: path } })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    const end = (good: boolean): void => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
      console.log(`${good ? 'good' : 'BAD '} ${name} (${seconds} s)`)
      if (!good) console.log(output.trimEnd().replaceAll(/^/gm, '     '))
      resolve(good)
    }
    child.on('error', (error) => {
      output += String(error)
      end(false)
    })
    child.on('close', (code) => end(code === 0))
  })
}

if (fix) for (const step of FIXES) await run(step)
const results = await Promise.all(CHECKS.map(run))
process.exitCode = results.every(Boolean) ? 0 : 1
