import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureSite } from '../../apps/server/src/site-build.ts'
import { ROOT } from '../files.ts'
import { notesOf } from './notes.ts'
import { stageRelease, type Release } from './stage.ts'

const HELP = `npm run release                      the release for this kind of machine, into dist/
npm run release -- --arch arm64      for the other one: x64 or arm64
npm run release -- --out FOLDER      into another folder
npm run release -- --final           refuses what CHANGELOG.md calls not released

A release is bongsu-VERSION-linux-ARCH.tar.gz: the programs, the built web app, what they need, and Node.js under node/.
Beside it: its notes, cut from CHANGELOG.md, and its SHA-256.`

/** Most that a release takes on a disk, Node.js left out. */
export const PROGRAM_BYTES_MAX = 80_000_000

process.exitCode = await main()

async function main(): Promise<number> {
  const options = {
    arch: { type: 'string' },
    out: { type: 'string' },
    final: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const cpu = values.arch ?? process.arch
  if (cpu !== 'x64' && cpu !== 'arm64') {
    console.error(`There are releases for x64 and arm64, and none for ${cpu}.`)
    return 64
  }
  const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string
    dependencies: { node: string }
  }
  const notes = notesOf(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version, values.final)
  if (!ensureSite(ROOT, console.error)) return 1

  const release: Release = {
    version,
    target: { os: 'linux', cpu, libc: 'glibc' },
    nodeVersion: dependencies.node.replace(/^\D+/, ''),
    madeAt: madeAt(),
  }
  const name = `bongsu-${version}-linux-${cpu}`
  const out = resolve(values.out ?? join(ROOT, 'dist'))
  const work = mkdtempSync(join(tmpdir(), 'bongsu-release-'))
  try {
    const folder = join(work, name)
    mkdirSync(folder)
    stageRelease(folder, release)
    const [all, node] = [bytesIn(folder), bytesIn(join(folder, 'node'))]
    if (all - node > PROGRAM_BYTES_MAX)
      throw new Error(`Without Node.js the release takes ${megabytes(all - node)}, and may take ${megabytes(PROGRAM_BYTES_MAX)}.`)
    mkdirSync(out, { recursive: true })
    const archive = join(out, `${name}.tar.gz`)
    pack(work, name, archive, release.madeAt)
    writeFileSync(join(out, `${name}.tar.gz.sha256`), `${await sha256(archive)}  ${name}.tar.gz\n`)
    writeFileSync(join(out, `bongsu-${version}-notes.md`), notes)
    console.log(`${archive}: ${megabytes(statSync(archive).size)}; unpacked ${megabytes(all - node)} beside Node.js, which takes ${megabytes(node)}.`)
    return 0
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** Seconds since 1970 that every file of the release gets: of the commit, so that the same commit makes the same archive. */
function madeAt(): number {
  const given = process.env['SOURCE_DATE_EPOCH']
  if (given !== undefined) return Number(given)
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error('This is no checkout, so the time of its files is not known. Set SOURCE_DATE_EPOCH to it, in seconds since 1970.')
  return Number(stdout.trim())
}

/** The same files make the same archive: sorted, of nobody, with one time, and with the same modes under every umask. */
function pack(parent: string, name: string, archive: string, time: number): void {
  const args = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w', '--format=gnu']
  const packed = spawnSync('tar', [...args, '--use-compress-program=gzip -n -6', '-cf', archive, '-C', parent, name], { encoding: 'utf8' })
  if (packed.status !== 0) throw new Error(`The archive could not be written (GNU tar is needed): ${packed.error?.message ?? packed.stderr.trim()}`)
}

/** Bytes of all files below a folder. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => lstatSync(join(folder, path)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0)
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
