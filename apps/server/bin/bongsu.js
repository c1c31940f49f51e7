#!/usr/bin/env node
// Runs on any Node.js from 20 on, and hands over to the one that npm installed for this program, whichever that is.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node')
// Speaking about incidents must work when nothing of the server does, so these commands go straight to the sentinel's program.
const ofSentinel = ['incident', 'maintenance', 'record'].includes(process.argv[2] ?? '')
const cli = fileURLToPath(new URL(ofSentinel ? '../../sentinel/src/cli.ts' : '../src/cli.ts', import.meta.url))
const child = spawn(node, [cli, ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  process.stderr.write(`The Node.js of this program is not installed (${error.message}). Run npm install.\n`)
  process.exitCode = 1
})
child.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
})
