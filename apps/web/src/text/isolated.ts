const controls = /[\u202a-\u202e\u2066-\u2069]/g
const turns = /[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** A name for a sentence, whose words keep their order whatever direction the name has [B33]. */
export function isolated(name: string): string {
  const bare = name.replace(controls, '')
  return turns.test(bare) ? `\u2068${bare}\u2069` : bare
}
