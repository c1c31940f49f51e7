import { importsOf, resolveImport } from './files.ts'
import type { Rule } from './house-rules.ts'

/** What every part of the sentinel may know: the wire, time, its log, and the words and numbers that all of it uses. */
const SENTINEL_BASE = ['protocol', 'sentinel/clock', 'sentinel/days', 'sentinel/log', 'sentinel/vocabulary']

/**
 * Who may import whom: each part of the house, and the parts it may know besides itself. Read it as "delivery may know conversation".
 * Type imports count as well: knowing a shape is knowing.
 */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  // The rules of entries and items, pure: for the server's stores and for devices.
  log: ['protocol'],
  // How a program's settings are read: server and sentinel do it by one rule, and neither may know the other.
  settings: [],
  client: ['protocol', 'log'],
  web: ['client', 'protocol'],

  // The sentinel judges the server from outside, and follows one path: probe, record, judge, incident, present, publish, notify.
  'sentinel/clock': [],
  'sentinel/days': [],
  'sentinel/log': [],
  'sentinel/vocabulary': [],
  'sentinel/probe': SENTINEL_BASE,
  // A canary is a user and may use the client; nothing else of the sentinel may.
  'sentinel/canary': [...SENTINEL_BASE, 'client', 'sentinel/probe'],
  'sentinel/record': SENTINEL_BASE,
  'sentinel/judge': SENTINEL_BASE,
  'sentinel/incident': [...SENTINEL_BASE, 'sentinel/judge'],
  'sentinel/acts': [...SENTINEL_BASE, 'sentinel/incident'],
  'sentinel/present': [...SENTINEL_BASE, 'sentinel/record', 'sentinel/judge', 'sentinel/incident', 'sentinel/acts'],
  'sentinel/publish': [...SENTINEL_BASE, 'sentinel/judge', 'sentinel/incident', 'sentinel/acts', 'sentinel/present'],
  'sentinel/notify': [...SENTINEL_BASE, 'sentinel/record', 'sentinel/incident', 'sentinel/acts', 'sentinel/present', 'sentinel/publish'],
  'sentinel/operator': [
    ...SENTINEL_BASE,
    'sentinel/record',
    'sentinel/incident',
    'sentinel/acts',
    'sentinel/present',
    'sentinel/publish',
    'sentinel/notify',
  ],
  'sentinel/config': ['settings', 'sentinel/judge', 'sentinel/probe'],
  // What stands above the modules and joins them.
  'sentinel/suspicions': [...SENTINEL_BASE, 'sentinel/judge', 'sentinel/incident'],
  'sentinel/watch': [
    ...SENTINEL_BASE,
    'sentinel/record',
    'sentinel/judge',
    'sentinel/incident',
    'sentinel/acts',
    'sentinel/present',
    'sentinel/notify',
    'sentinel/suspicions',
  ],
  'sentinel/files': [...SENTINEL_BASE, 'sentinel/record', 'sentinel/notify', 'sentinel/operator'],
  'sentinel/targets-of': ['sentinel/config', 'sentinel/publish'],
  'sentinel/compose': ['protocol', 'settings', 'sentinel/*'],
  'sentinel/main': ['sentinel/config', 'sentinel/compose', 'sentinel/log'],
  // Commands work while everything else is down: they know the record and the pages, and no canary.
  'sentinel/cli': [
    ...SENTINEL_BASE,
    'sentinel/config',
    'sentinel/record',
    'sentinel/judge',
    'sentinel/incident',
    'sentinel/acts',
    'sentinel/present',
    'sentinel/publish',
    'sentinel/operator',
    'sentinel/targets-of',
  ],

  'server/ops': ['protocol'],
  'server/conversation': ['protocol', 'log', 'server/ops'],
  'server/accounts': ['protocol', 'server/ops', 'server/conversation'],
  'server/receipts': ['protocol', 'server/ops', 'server/conversation'],
  'server/delivery': ['protocol', 'log', 'server/ops', 'server/conversation', 'server/receipts'],
  // What people feel, counted: told of by the gateway, and asked for through it.
  'server/figures': ['protocol', 'server/ops', 'server/accounts'],
  'server/gateway': [
    'protocol',
    'log',
    'server/ops',
    'server/conversation',
    'server/accounts',
    'server/receipts',
    'server/delivery',
    'server/figures',
  ],
  // What server processes on one store know of each other.
  'server/processes': ['protocol', 'server/ops', 'server/accounts', 'server/delivery'],
  // The one port in front of everything durable.
  'server/store': ['server/ops', 'server/conversation', 'server/accounts', 'server/receipts', 'server/delivery'],
  // How a history goes from one kind of store to another. It knows neither, and no module: rows have no meaning here but keys and numbers.
  'server/moving': [],
  // Adapters implement ports of any module. They never import another adapter, nor the edge that uses them.
  'server/adapters/*': [
    'protocol',
    'log',
    'server/ops',
    'server/conversation',
    'server/accounts',
    'server/receipts',
    'server/delivery',
    'server/store',
    'server/moving',
  ],
  'server/config': ['protocol', 'settings'],
  // Tests client programs from outside: it starts a server as a process and knows the wire, and neither the server's modules nor our client.
  'server/conformance': ['protocol'],
  // A server put together from its ports: it knows every module and no adapter.
  'server/kernel': [
    'protocol',
    'server/ops',
    'server/conversation',
    'server/accounts',
    'server/receipts',
    'server/delivery',
    'server/figures',
    'server/gateway',
    'server/processes',
    'server/store',
  ],
  // The only file that knows which kinds of store there are.
  'server/storage': ['server/store', 'server/moving', 'server/adapters/sqlite', 'server/adapters/postgres'],
  // The two files that stand above the modules, and what starts them.
  'server/compose': ['protocol', 'log', 'server/*', 'server/adapters/*'],
  'server/main': ['protocol', 'server/*', 'server/adapters/system'],
  // What the operator may do to a data directory, of whatever kind its store is.
  'server/operator': ['server/storage', 'server/store'],
  // What the operator does as staff, beside a running server or without one.
  'server/staff': ['protocol', 'server/ops', 'server/conversation', 'server/accounts', 'server/storage'],
  // Looks at a running installation from outside.
  'server/doctor': ['server/config', 'server/adapters/postgres'],
  // What starts both programs knows the settings of both, to refuse them together.
  'server/start': ['server/config', 'server/supervise', 'server/site-build', 'server/at-a-glance', 'sentinel/config', 'server/adapters/system'],
  // Whether the web app is built. A production install must know it too, so the one copy stands here and not in tools.
  'server/site-build': [],
  'server/supervise': [],
  // What a person reads in the terminal.
  'server/at-a-glance': [],
  // What an operator calls by hand, with the server running or not.
  'server/cli': ['*'],

  tests: ['*'],
  bench: ['*'],
  // Fills an empty store through the same operations that people's devices cause.
  demo: ['protocol', 'server/ops', 'server/conversation', 'server/accounts', 'server/receipts'],
  // Opens the store for it, and starts the programs.
  'demo/command': ['*'],
  docs: ['client', 'protocol'],
  // The protocol: what a client needs of the schemas is written by a tool.
  tools: ['server/site-build', 'protocol'],
}

/** The part of the house a file belongs to. */
export function partOf(file: string): string {
  if (/^apps\/sentinel\/src\/.*canary/.test(file)) return 'sentinel/canary'
  const [, app, inside] = /^apps\/(server|sentinel)\/src\/(.+)$/.exec(file) ?? []
  if (inside !== undefined) {
    const [first = '', second = ''] = inside.split('/')
    if (first === 'adapters') return `server/adapters/${second}`
    return `${app}/${first.replace(/(?:\.test)?\.tsx?$/, '')}`
  }
  if (file === 'demo/demo.ts') return 'demo/command'
  const member = /^(?:packages|apps)\/([^/]+)\//.exec(file)?.[1]
  return member ?? file.split('/')[0] ?? file
}

function mayKnow(part: string): readonly string[] | undefined {
  return part.startsWith('server/adapters/') ? MAY_KNOW['server/adapters/*'] : MAY_KNOW[part]
}

function covers(pattern: string, part: string): boolean {
  if (pattern === '*') return part !== 'tests'
  // One star is one step: server/* is every module, and no adapter.
  if (pattern.endsWith('/*')) return part.startsWith(pattern.slice(0, -1)) && !part.slice(pattern.length - 1).includes('/')
  return pattern === part
}

function isTest(file: string): boolean {
  return /\.(?:test|e2e|bench)\.tsx?$/.test(file)
}

/** Which libraries may be used by one part only. */
const ONLY_IN: readonly { readonly library: RegExp; readonly files: RegExp; readonly why: string }[] = [
  { library: /^typebox/, files: /^packages\/protocol\/|^apps\/server\/src\/gateway\/|^tests\//, why: 'schemas belong to the wire and its door' },
  {
    library: /^node:sqlite$/,
    files: /^apps\/server\/src\/adapters\/sqlite\/|^apps\/sentinel\/src\/(?:record|notify|operator)\/|\/file-store\.ts$|^tests\/|^bench\//,
    why: 'the store is known by its port',
  },
  { library: /^ws$/, files: /^apps\/server\/src\/(?:gateway|conformance)\/|^tests\/|^bench\//, why: 'a socket is known by its port' },
  {
    library: /^node:/,
    files: /^(?!packages\/protocol\/|packages\/client\/|apps\/web\/src\/)|\/(?:file-store|node-[a-z-]+)\.ts$/,
    why: 'this runs in browsers',
  },
]

const LIBRARIES_OF_PROTOCOL = /^typebox(?:\/|$)/

export const importRule: Rule = {
  name: 'who may import whom',
  why: 'The path of a message can only be read from top to bottom when nothing reaches up or sideways.',
  // All code but this file, whose examples are imports.
  files: /^(?!tools\/import-rules\.ts$)(?:packages|apps|tests|bench|demo|docs|tools)\/.*\.tsx?$/,
  check(file, source) {
    const part = partOf(file)
    const allowed = mayKnow(part)
    if (allowed === undefined) return [`${part} is no part of the house: add it to MAY_KNOW with what it may import`]
    const problems: string[] = []
    for (const { specifier } of importsOf(source)) {
      const target = resolveImport(file, specifier)
      if (target === null) problems.push(...libraryProblems(file, part, specifier))
      else if (/\.tsx?$/.test(target)) {
        const other = partOf(target)
        // A test speaks to its neighbours through whatever it needs, but a test is never itself imported.
        const fine = other === part || isTest(file) || allowed.some((pattern) => covers(pattern, other))
        if (!fine) problems.push(`${part} may not import ${other} (${specifier})`)
        if (isTest(target) || (other === 'tests' && part !== 'tests' && !isTest(file))) problems.push(`nothing imports tests (${specifier})`)
      }
    }
    return problems
  },
  good: [
    ['apps/server/src/gateway/dispatch.ts', "import { append } from '../conversation/append.ts'\n"],
    ['apps/server/src/adapters/sqlite/log-store.ts', "import type { LogStore } from '../../conversation/log-store.ts'\n"],
    [
      'apps/server/src/compose.ts',
      "import { openStore } from './adapters/sqlite/open-store.ts'\nimport { append } from './conversation/append.ts'\n",
    ],
    ['apps/server/src/adapters/sqlite/log-store.test.ts', "import { logStoreSuite } from '../../../../../tests/contract/log-store.ts'\n"],
    ['packages/protocol/src/up.ts', "import { Type } from 'typebox'\n"],
    ['apps/sentinel/src/probe/canary.ts', "import { createDevice } from '@bongsu/client'\n"],
  ],
  bad: [
    ['apps/server/src/conversation/append.ts', "import { announce } from '../delivery/announce.ts'\n"],
    ['apps/server/src/delivery/hub.ts', "import { openStore } from '../adapters/sqlite/open-store.ts'\n"],
    ['apps/server/src/adapters/sqlite/bus.ts', "import { createBus } from '../memory/bus.ts'\n"],
    ['apps/server/src/gateway/http.ts', "import type { Dependencies } from '../compose.ts'\n"],
    ['apps/web/src/main.tsx', "import { LIMITS } from '../../server/src/config.ts'\n"],
    ['packages/client/src/outbox.ts', "import { uuid } from '../../../tests/sim/world.ts'\n"],
    ['packages/client/src/replica.ts', "import { readFileSync } from 'node:fs'\n"],
    ['packages/protocol/src/up.ts', "import { v7 } from 'uuid'\n"],
    ['apps/sentinel/src/judge/judge.ts', "import { createDevice } from '@bongsu/client'\n"],
    ['apps/sentinel/src/judge/judge.ts', "import { Desk } from '../present/desk.ts'\n"],
    ['apps/sentinel/src/publish/page.ts', "import type { Config } from '../../../server/src/config.ts'\n"],
    ['apps/server/src/accounts/people.ts', "import { DatabaseSync } from 'node:sqlite'\n"],
    ['apps/server/src/helpers/x.ts', "import { test } from '../conversation/append.ts'\n"],
  ],
}

function libraryProblems(file: string, part: string, specifier: string): string[] {
  if (isTest(file)) return []
  if (part === 'protocol' && !LIBRARIES_OF_PROTOCOL.test(specifier)) return [`protocol knows nothing but typebox (${specifier})`]
  return ONLY_IN.filter(({ library, files }) => library.test(specifier) && !files.test(file)).map(
    ({ why }) => `${specifier} does not belong here: ${why}`,
  )
}

export const browserRule: Rule = {
  name: 'browsers load no schemas',
  why: 'The schema library is larger than the whole client; a browser needs the types only, and those are gone at run time.',
  files: /^(?:packages\/client|apps\/web)\/.*\.tsx?$/,
  check: (file, source) =>
    isTest(file)
      ? []
      : importsOf(source)
          .filter(({ specifier, typeOnly }) => !typeOnly && /^@bongsu\/protocol\/|^typebox/.test(specifier))
          .map(({ specifier }) => `import type, or nothing, from ${specifier}`),
  good: [
    ['apps/web/src/main.tsx', "import { LIMITS } from '@bongsu/protocol'\nimport type { UpFrame } from '@bongsu/protocol/schemas'\n"],
    ['packages/client/src/session.ts', "import { type UpFrame } from '@bongsu/protocol/schemas'\n"],
    ['packages/client/src/session.test.ts', "import { decodeUp } from '@bongsu/protocol/check'\n"],
  ],
  bad: [
    ['apps/web/src/main.tsx', "import { HelloSchema } from '@bongsu/protocol/schemas'\n"],
    ['packages/client/src/session.ts', "import { decodeUp, type Decoded } from '@bongsu/protocol/check'\n"],
    ['apps/web/src/lazy.ts', "const check = await import('@bongsu/protocol/check')\n"],
  ],
}
