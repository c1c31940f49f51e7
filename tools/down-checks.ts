import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { downChecks } from '@bongsu/protocol/checks'
import { ROOT } from './files.ts'

/** `npm run generate`: writes the checks with which a client reads frames, from the schemas of the protocol. A test fails when they differ. */
const file = join(ROOT, 'packages/client/src/down-checks.ts')
writeFileSync(
  file,
  `import type { DownType } from '@bongsu/protocol'
import type { Fields } from '@bongsu/protocol/checks'

/** Written by tools/down-checks.ts from the schemas of the protocol. */
export const DOWN_CHECKS: Readonly<Record<DownType, Fields>> = ${JSON.stringify(downChecks())}
`,
)
