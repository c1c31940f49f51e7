/** What tests say of themselves (`t.diagnostic`) in the output of node:test's spec reporter; the counts of the runner are none of it. */
export function figuresIn(output: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^ℹ (?!(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) )/.test(line))
    .map((line) => line.slice(2))
}
