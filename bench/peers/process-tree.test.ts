import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeners } from './process-tree.ts'

test('[S6] only a socket that listens, and on this very port, is one that a peer can be spoken to by', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0
   2: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0
`
  assert.deepEqual(listeners(table, 8_080), ['11'])
  assert.deepEqual(listeners(table, 80), [])
})
