import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsInParts } from './scenario-idle.ts'
import { expectOpenFiles } from './scenario.ts'

test('[S6] where a process may not have as many files open as connections are asked for, that is said before anything starts', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n'
  expectOpenFiles(3_896, limits)
  assert.throws(() => expectOpenFiles(3_897, limits), /3897 connections need 4097 open files, and a process may have 4096 here/)
  expectOpenFiles(1_000_000, limits.replaceAll(/1024|4096/g, 'unlimited'))
})

test('[S6] the people of each look are in groups of their own, everybody in as many, and nobody twice in one', () => {
  const groups = groupsInParts([100, 400], 20, 20)
  const roomsOf = new Map<number, number>()
  for (const group of groups) {
    assert.equal(new Set(group).size, 20)
    assert.ok(group.every((place) => place < 100) || group.every((place) => place >= 100 && place < 500))
    for (const place of group) roomsOf.set(place, (roomsOf.get(place) ?? 0) + 1)
  }
  assert.equal(roomsOf.size, 500)
  assert.ok(roomsOf.values().every((rooms) => rooms === 20))
})
