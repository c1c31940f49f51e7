import type { TestEvent } from 'node:test/reporters'

/** What became of one test, for tools/test.ts to add up. */
export interface TestResult {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
}

/** A reporter for node:test: one JSON line for each test. Suites and tests that only failed because of a subtest are not counted. */
export default async function* countReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { name, details, skip, todo } = event.data
    const isSuite = details.type === 'suite'
    let result: TestResult['result']
    if (event.type === 'test:pass') {
      if (isSuite) continue
      result = skip === undefined && todo === undefined ? 'passed' : 'skipped'
    } else {
      const { error } = event.data.details
      if ('failureType' in error && error.failureType === 'subtestsFailed') continue
      result = 'failed'
    }
    yield `${JSON.stringify({ name, result } satisfies TestResult)}\n`
  }
}
