/** One rule of the house. It carries its own tests: `good` must pass and each of `bad` must be caught. */
export interface Rule {
  readonly name: string
  readonly why: string
  /** Which files it looks at, by path from the root. */
  readonly files: RegExp
  /** @returns a sentence for each thing that is wrong. */
  check(file: string, source: string): readonly string[]
  readonly good: readonly Example[]
  readonly bad: readonly Example[]
}

type Example = readonly [file: string, source: string]

const CODE = /^(?:packages|apps|tests|bench|demo|tools|docs)\/.*\.tsx?$/
const TESTS = /\.(?:test|e2e)\.tsx?$/
const LINES_MAX = 400

function matches(source: string, pattern: RegExp, sentence: (found: string) => string): string[] {
  return [...source.matchAll(pattern)].map((match) => `line ${source.slice(0, match.index).split('\n').length}: ${sentence(match[0].trim())}`)
}

const BANNED_FOLDERS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'services', 'managers', 'types', 'misc', 'lib', 'core'])

const folderNames: Rule = {
  name: 'folders are named by what they are about',
  why: 'A folder called after a kind of code collects everything and says nothing.',
  files: /^(?:packages|apps|tests|bench|demo|tools|deploy)\//,
  check: (file) =>
    file
      .split('/')
      .slice(0, -1)
      .filter((folder) => BANNED_FOLDERS.has(folder))
      .map((folder) => `a folder named ${folder} needs a reason; name it by its subject`),
  good: [['apps/server/src/delivery/hub.ts', '']],
  bad: [
    ['apps/server/src/utils/time.ts', ''],
    ['packages/client/src/common/ids/uuid.ts', ''],
  ],
}

const fileNames: Rule = {
  name: 'files are kebab-case',
  why: 'One way to write a name, on every file system.',
  files: /^(?:packages|apps|tests|bench|demo|tools)\/.*\.(?:tsx?|js|mjs|css|sql|svg|json)$/,
  check: (file) => {
    const name = file.split('/').at(-1) ?? file
    return /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+$/.test(name) ? [] : ['write the name in lower case, with hyphens']
  },
  good: [
    ['apps/server/src/conversation/log-store.test.ts', ''],
    ['apps/server/src/adapters/sqlite/migrations/0001-first.sql', ''],
  ],
  bad: [
    ['apps/server/src/conversation/LogStore.ts', ''],
    ['apps/web/src/parts/chat_row.tsx', ''],
    ['apps/web/src/views/roomView.tsx', ''],
  ],
}

const fileLength: Rule = {
  name: `files end before line ${LINES_MAX}`,
  why: 'The one monster file of most projects is the connection or the log: the two hearts.',
  files: CODE,
  check: (file, source) => {
    const lines = source.split('\n').length - 1
    return TESTS.test(file) || lines <= LINES_MAX ? [] : [`${lines} lines: what are its two subjects?`]
  },
  good: [
    ['apps/server/src/gateway/connection.ts', 'x\n'.repeat(LINES_MAX)],
    ['apps/server/src/gateway/connection.test.ts', 'x\n'.repeat(LINES_MAX + 1)],
  ],
  bad: [['apps/server/src/gateway/connection.ts', 'x\n'.repeat(LINES_MAX + 1)]],
}

const environment: Rule = {
  name: 'only main reads the environment',
  why: 'Settings are one table, checked once at the start; a variable read elsewhere is a setting nobody finds.',
  files: /^(?:packages|apps)\/.*\.tsx?$/,
  check: (file, source) =>
    /^apps\/[^/]+\/src\/(?:main|start|cli)\.ts$|^apps\/web\/vite\.config\.ts$/.test(file) || TESTS.test(file)
      ? []
      : matches(source, /\bprocess\.env\b|\bimport\.meta\.env\.(?!DEV\b|PROD\b)/g, (found) => `take a setting from config instead of ${found}`),
  good: [
    ['apps/server/src/main.ts', 'readConfig(process.env)'],
    ['apps/web/src/main.tsx', 'if (import.meta.env.DEV) show()'],
  ],
  bad: [
    ['apps/server/src/config.ts', "const port = process.env['BONGSU_PORT']"],
    ['packages/client/src/session.ts', 'if (process.env.DEBUG) show()'],
  ],
}

/** Files that may do nothing but pass on what others hold. */
const MAY_BE_BARRELS = [
  'packages/log/src/index.ts',
  'packages/protocol/src/index.ts',
  'packages/client/src/index.ts',
  // All that needs the schema library.
  'packages/protocol/src/schemas.ts',
  // One chunk for three sheets: each alone would be a round trip for a few hundred bytes.
  'apps/web/src/views/friends/sheets.ts',
]

const barrels: Rule = {
  name: 'no barrels but the indexes of packages',
  why: 'A barrel hides who knows whom and loads what nobody asked for.',
  files: CODE,
  check: (file, source) => {
    if (MAY_BE_BARRELS.includes(file)) return []
    if (/\/index\.tsx?$/.test(file)) return ['name the file by what it holds']
    const rest = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|^export (?:type )?\{[^}]*\} from '[^']*'$/gm, '').trim()
    const passesOn = source.trim() !== '' && rest === '' && / from '/.test(source)
    return [
      ...(passesOn ? ['it holds nothing of its own: import from where things are'] : []),
      ...matches(source, /^export (?:type )?\* (?:as \w+ )?from /gm, () => 'name what is passed on'),
    ]
  },
  good: [
    ['packages/protocol/src/index.ts', "export { LIMITS } from './limits.ts'\n"],
    ['apps/server/src/delivery/hub.ts', "export const x = 1\nexport type { Local } from './stream.ts'\n"],
  ],
  bad: [
    ['apps/server/src/delivery/index.ts', ''],
    ['apps/server/src/delivery/hub.ts', "export * from './stream.ts'\nexport const x = 1\n"],
    ['apps/server/src/delivery/all.ts', "/** All. */\nexport {\n  a,\n} from './stream.ts'\nexport type { B } from './hub.ts'\n"],
  ],
}

const MACHINE_WORDS = /\/(?:root|work)\/[a-z.]|\/(?:home|Users)\/[a-z]+\/|[A-Z]:\\\\?Users|registry\s*=\s*https?:/g

const machineWords: Rule = {
  name: 'nothing of one machine',
  why: 'A path or a registry of the machine that wrote a file is wrong on every other one.',
  // All files but this one, whose examples are such words.
  files: /^(?!tools\/house-rules\.ts$)/,
  check: (_, source) => matches(source, MACHINE_WORDS, (found) => `${found} is a place on one machine`),
  good: [['README.md', 'Data lies in ./data, or in /var/lib/bongsu.']],
  bad: [
    ['README.md', 'see /root/x'],
    ['deploy/bongsu.service', 'WorkingDirectory=/home/kim/bongsu'],
    ['.npmrc', 'registry=http://localhost:4873/'],
  ],
}

const wholeTests: Rule = {
  name: 'no test is set aside',
  why: 'A skipped test is a promise nobody keeps and a green light nobody earned.',
  files: /\.(?:test|e2e)\.tsx?$/,
  check: (_, source) =>
    matches(
      source,
      /\b(?:test|it|describe|suite)\.(?:skip|only|todo)\b|\{\s*(?:skip|only|todo):/g,
      (found) => `mend or delete it instead of ${found}`,
    ),
  good: [['a.test.ts', "test('[M2] the same id twice', () => {})"]],
  bad: [
    ['a.test.ts', "test.skip('x', () => {})"],
    ['a.test.ts', "test('x', { todo: true }, () => {})"],
  ],
}

const oneVoice: Rule = {
  name: 'the app speaks in one voice',
  why: 'A screen that is polite in two ways was written by two people. Public statements of the status page are formal.',
  files: /^apps\/web\/src\/(?:text|kinds)\/.*\.ts$/,
  check: (file, source) => (/\/linkify\./.test(file) ? [] : matches(source, /[가-힣]니다/g, (found) => `end it in -요 instead of ${found}`)),
  good: [
    ['apps/web/src/text/ko.ts', "saved: '저장했어요.'"],
    ['apps/web/src/text/linkify.ts', '/(?:입니다|이에요)/'],
  ],
  bad: [['apps/web/src/text/ko.ts', "saved: '저장했습니다.'"]],
}

export const HOUSE_RULES: readonly Rule[] = [folderNames, fileNames, fileLength, environment, barrels, machineWords, wholeTests, oneVoice]
