import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { freePort, onPath, runProgram, startProgram } from './peer.ts'

test('[S6] a program that cannot be started, or fails, is an error that says what it said', async () => {
  const port = await freePort()
  await assert.rejects(startProgram('no-such-peer', [], port), /no-such-peer did not start/)
  await assert.rejects(startProgram(process.execPath, ['-e', 'console.error("no disk"); process.exit(1)'], port), /It said: no disk/)
  await assert.rejects(runProgram(process.execPath, ['-e', 'console.error("no room"); process.exit(3)']), /It said: no room/)
  assert.equal(onPath('no-such-peer'), false)
})

test('[S6] a peer whose port somebody else has taken is not taken for running', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const listen = `require('net').createServer().listen(${port}, '127.0.0.1')`
  await assert.rejects(startProgram(process.execPath, ['-e', listen], port), /EADDRINUSE/)
})
