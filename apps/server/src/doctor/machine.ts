import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DOCTOR_BOUNDS } from './bounds.ts'
import { fault, good, judged, warning, type Check, type Finding, type Installation } from './finding.ts'

/** File systems on which SQLite loses data, by their numbers in statfs(2). */
const UNFIT: Readonly<Record<number, string>> = {
  0x01021994: 'tmpfs, which is memory',
  0x858458f6: 'ramfs, which is memory',
  0x6969: 'NFS',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x01021997: '9p',
}

/** The folder, or the nearest one above it that is there. */
function nearest(path: string): string {
  let folder = resolve(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

function diskOf(path: string): Finding {
  const { bavail, blocks, ffree, files, bsize } = statfsSync(nearest(path))
  const free = Math.min(bavail / Math.max(1, blocks), files === 0 ? 1 : ffree / files)
  const what = `The disk of ${path} has ${Math.floor(free * 100)} % left (${((bavail * bsize) / 1e9).toFixed(1)} GB, ${files === 0 ? 'any number of' : ffree.toLocaleString('en')} files).`
  const finding = free < DOCTOR_BOUNDS.freeShareLeast ? fault : warning
  return judged(
    free >= DOCTOR_BOUNDS.freeShareLow,
    finding(
      'machine/disk',
      what,
      'On a full disk nobody can send a message.',
      'Free some space, or give it a larger disk: docs/runbooks/store-not-writable.md.',
    ),
  )
}

/** What SQLite needs of the data folder. */
function folderOf(data: string): readonly Finding[] {
  const file = join(data, 'bongsu.db')
  if (!existsSync(file))
    return [fault('sqlite/database', `There is no ${file}.`, 'This is not the data of a running server.', 'Set BONGSU_DATA as the server has it.')]
  const unfit = UNFIT[statfsSync(data).type]
  return [
    judged(
      unfit === undefined,
      fault(
        'sqlite/file-system',
        unfit === undefined ? 'The data folder is on a disk of this machine.' : `The data folder is on ${unfit}.`,
        'What was accepted is lost with a restart or a break of the network, or the database is damaged.',
        'Stop the server and move the data folder to a local disk: docs/runbooks/move-and-restore.md.',
      ),
    ),
  ]
}

/** Folders in folders that a backup may have, as that of pgBackRest: backup, stanza, label. */
const BACKUP_FOLDERS_DEEP = 4

/** A folder that may not be read, such as lost+found, counts as empty. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Newest time of a file, or of those in a folder and its folders, in epoch ms; null when nothing is in any. */
function newestIn(path: string, deep = BACKUP_FOLDERS_DEEP): number | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return null
  if (!stat.isDirectory()) return stat.size > 0 && !path.endsWith('.partial') ? stat.mtimeMs : null
  return (deep === 0 ? [] : namesIn(path))
    .map((name) => newestIn(join(path, name), deep - 1))
    .reduce((newest, time) => (time === null ? newest : Math.max(time, newest ?? time)), null)
}

function backupOf(path: string, now: number): Finding {
  const newest = newestIn(path)
  const risk = 'What was written since is lost with the disk, and an error of a person cannot be undone.'
  const todo = 'Look at the job that makes it, and at its last message: docs/runbooks/move-and-restore.md.'
  if (newest === null) return fault('machine/backup', `There is no backup in ${path}.`, risk, todo)
  const ageMs = Math.max(0, now - newest)
  return judged(
    ageMs <= DOCTOR_BOUNDS.backupMsMax,
    warning('machine/backup', `The newest backup in ${path} is ${(ageMs / 3_600_000).toFixed(1)} hours old.`, risk, todo),
  )
}

async function look({ data, database, disks, backups, now }: Installation): Promise<readonly Finding[]> {
  const noBackup = warning(
    'machine/backup',
    'No backup was named.',
    'Without one, everything is lost with the disk.',
    'Make one every day, on another machine, and name it with --backup.',
  )
  return [
    ...(database === null ? folderOf(data) : []),
    ...[data, ...disks].map(diskOf),
    ...(backups.length === 0 ? [noBackup] : backups.map((path) => backupOf(path, now()))),
  ]
}

export const machineCheck: Check = { area: 'machine', look }

/** Whether the server hears the other processes: what only this machine is told. */
function heardOf(health: string): Finding {
  const { bus } = JSON.parse(health) as { readonly bus?: { readonly deaf: boolean; readonly others: number } }
  const risk = 'Nothing is lost. Messages between people on different servers may arrive up to two seconds later.'
  if (bus === undefined)
    return warning(
      'server/bus',
      'Whether the server hears the others cannot be seen from here.',
      risk,
      'Run this on the machine of the server, not through a proxy.',
    )
  return judged(
    !bus.deaf,
    warning(
      'server/bus',
      bus.deaf ? `The server does not hear the other ${bus.others}.` : 'The server hears all others.',
      risk,
      'See docs/runbooks/deaf.md.',
    ),
  )
}

/** The server of this machine, as its own health tells. */
export const serverCheck: Check = {
  area: 'server',
  async look({ server }) {
    const todo = 'See docs/runbooks/does-not-start.md.'
    let status: number
    let text: string
    try {
      const response = await fetch(`${server}/readyz`, { signal: AbortSignal.timeout(DOCTOR_BOUNDS.askMs) })
      status = response.status
      text = await response.text()
    } catch {
      return [fault('server/ready', `No server answers at ${server}.`, 'Nobody on it can send a message.', todo)]
    }
    if (status === 200) return [good('server/ready', `The server at ${server} is ready.`), heardOf(text)]
    return [fault('server/ready', `The server at ${server} is not ready: ${text.slice(0, 500)}`, 'Nobody on it can send a message.', todo)]
  },
}
