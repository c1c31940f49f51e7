// `node tools/run.js FILE [arguments]`: what every npm script goes through, so that an old Node.js gets a sentence instead of an error about file names.
import { argv } from 'node:process'
import { resolve } from 'node:path'
import { runFile } from './own-node.js'

const [, , file, ...rest] = argv
if (file === undefined) {
  console.error('node tools/run.js FILE [arguments]   runs a file of this project under the Node.js that this project needs')
  process.exitCode = 64
} else await runFile(resolve(file), rest)
