/** Promises of SPEC.md that no test names yet, each with the reason. The list may only get shorter. */
export const notYetProven: ReadonlyMap<string, string> = new Map<string, string>([['S7', 'The register of corrective actions is not built.']])
