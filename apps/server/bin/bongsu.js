#!/usr/bin/env node
// What `npx bongsu` runs. Any Node.js from 18 on can read it.
import { fileURLToPath } from 'node:url'
import { runFile } from '../../../tools/own-node.js'

// Speaking about incidents must work when nothing of the server does, so these commands go straight to the sentinel's program.
const ofSentinel = ['incident', 'maintenance', 'record', 'operator'].includes(process.argv[2] ?? '')
const cli = fileURLToPath(new URL(ofSentinel ? '../../sentinel/src/cli.ts' : '../src/cli.ts', import.meta.url))
await runFile(cli, process.argv.slice(2))
