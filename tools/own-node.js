// Plain JavaScript that any Node.js from 18 on can read: this is where an old one learns what to do.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** How often a program that npm started checks whether npm is still there, in ms. */
const PARENT_CHECK_MS = 500
/** Where `npm install` puts the Node.js of this project. */
const OWN = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
/** The oldest major version that runs this project. */
const NEEDED = Number(/\d+/.exec(dependencies.node)?.[0])

/**
 * Which Node.js runs the files of this project.
 * @param {string} version of the Node.js that is running
 * @param {string | null} own the one that npm installed, if it is there
 * @returns {{ here: true } | { path: string } | { sentence: string }}
 */
export function chooseNode(version, own) {
  if (Number(version.split('.')[0]) >= NEEDED) return { here: true }
  if (own !== null) return { path: own }
  return {
    sentence: `Bongsu needs Node.js ${NEEDED} or newer, and this is ${version}. Run "npm install" here: it brings the right Node.js along. If it has been run, it did not finish: run it again and read what it says.`,
  }
}

/**
 * Runs a file of this project: in this process where this Node.js is new enough, else under the one that npm installed.
 * @param {string} file
 * @param {readonly string[]} args
 */
export async function runFile(file, args) {
  const node = chooseNode(process.versions.node, existsSync(OWN) ? OWN : null)
  endWithNpm()
  if ('here' in node) {
    process.argv.splice(1, process.argv.length, file, ...args)
    await import(pathToFileURL(file).href)
  } else if ('path' in node) runUnder(node.path, file, args)
  else {
    console.error(node.sentence)
    process.exitCode = 1
  }
}

/**
 * npm passes SIGTERM and SIGINT on. When npm dies of SIGHUP or SIGKILL, it tells nobody, so this process stops itself as by SIGTERM [O4]. A program
 * that was started without npm outlives its shell.
 */
function endWithNpm() {
  if (process.env['npm_lifecycle_script']?.includes('tools/run.js') !== true) return
  const { ppid } = process
  setInterval(() => {
    if (process.ppid !== ppid) process.kill(process.pid, 'SIGTERM')
  }, PARENT_CHECK_MS).unref()
}

/**
 * @param {string} node
 * @param {string} file
 * @param {readonly string[]} args
 */
export function runUnder(node, file, args) {
  const child = spawn(node, [file, ...args], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`The Node.js of this project cannot be started (${error.message}). Run "npm install" again.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  })
}
