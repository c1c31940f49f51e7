import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { chooseNode } from './own-node.js'
import { ROOT } from './files.ts'

test('[NODE] a new enough Node runs the file itself, an older one hands over, and without another there is one sentence', () => {
  assert.deepEqual(chooseNode('26.0.0', null), { here: true })
  assert.deepEqual(chooseNode('30.1.2', '/own'), { here: true })
  assert.deepEqual(chooseNode('25.9.0', '/own'), { path: '/own' })
  const { sentence } = chooseNode('20.20.2', null) as { sentence: string }
  assert.match(sentence, /^Bongsu needs Node\.js 26 or newer, and this is 20\.20\.2\. Run "npm install" here/)
})

/** A project with the launcher and one TypeScript file, as a checkout is before `npm install`. */
function checkout(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-own-node-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'tools'))
  for (const file of ['package.json', 'tools/run.js', 'tools/own-node.js']) cpSync(join(ROOT, file), join(folder, file))
  writeFileSync(
    join(folder, 'say.ts'),
    'const words: string[] = process.argv.slice(2)\nconsole.log(process.version, ...words)\nprocess.exitCode = 7\n',
  )
  return folder
}

/** Every Node on this machine, by version. Which ones there are depends on the machine; the one that runs this test is always there. */
function nodesHere(): ReadonlyMap<string, string> {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  const found = [process.execPath, ...paths].filter((path) => existsSync(path))
  return new Map(found.map((path) => [spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1), path]))
}

for (const [version, node] of nodesHere()) {
  test(`[NODE] with Node ${version}: every way to run a file ends in the file's own words, or in one plain sentence`, (t) => {
    const folder = checkout(t)
    const run = (): { status: number | null; said: string } => {
      const { status, stdout, stderr } = spawnSync(node, ['tools/run.js', 'say.ts', 'a', 'b c'], { cwd: folder, encoding: 'utf8' })
      return { status, said: stdout + stderr }
    }
    const isNew = 'here' in chooseNode(version, null)
    const before = run()
    assert.equal(before.status, isNew ? 7 : 1)
    assert.match(before.said, isNew ? /^v\d+\S+ a b c\n$/ : /^Bongsu needs Node\.js .*npm install.*\n$/)
    cpSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
    assert.deepEqual(run(), { status: 7, said: `v${isNew ? version : process.versions.node} a b c\n` })
  })
}

test('[NODE] a Node that npm installed in part is told as that', (t) => {
  const folder = checkout(t)
  // This test runs under a new Node, which would not hand over, so the hand-over is called itself.
  writeFileSync(
    join(folder, 'hand-over.js'),
    "import { runUnder } from './tools/own-node.js'\nrunUnder('./node_modules/node/bin/none', 'say.ts', [])\n",
  )
  const { status, stderr } = spawnSync(process.execPath, ['hand-over.js'], { cwd: folder, encoding: 'utf8' })
  assert.deepEqual([status, /cannot be started .* Run "npm install" again\.\n$/.test(stderr)], [1, true], stderr)
})

test('[NODE] every npm script that runs a file of ours goes through the launcher', async () => {
  const { default: project } = (await import('../package.json', { with: { type: 'json' } })) as { default: { scripts: Record<string, string> } }
  for (const [name, script] of Object.entries(project.scripts)) {
    if (script.startsWith('npm run ')) continue
    // Without exec a shell stands between npm and the program, and a signal to npm ends the shell alone.
    const file = /^exec node tools\/run\.js (\S+\.ts)$/.exec(script)?.[1]
    assert.ok(file !== undefined && existsSync(join(ROOT, file)), name)
  }
})
