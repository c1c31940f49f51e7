const SIMULATION = 'the end-to-end and simulation suites will name it'

/** Promises of SPEC.md that no test names yet, each with the reason. The list may only get shorter. */
export const notYetProven: ReadonlyMap<string, string> = new Map([
  ['D8', SIMULATION],
  ['D10', SIMULATION],
])
