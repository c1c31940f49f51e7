/** A named place in the code at which a test may put another line. */
export interface Seam {
  readonly name: string
  /** Index of the line that is replaced. */
  readonly line: number
}

const MARK = /^(.*?)\/\/ \[seam: ([a-z0-9-]+)\]$/

/** A mark at the end of a line names that line; a mark on a line of its own, the line below it. */
export function seamsIn(source: string): readonly Seam[] {
  return source.split('\n').flatMap((text, index) => {
    const [, code, name] = MARK.exec(text) ?? []
    return code === undefined || name === undefined ? [] : [{ name, line: code.trim() === '' ? index + 1 : index }]
  })
}
