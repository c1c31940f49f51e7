/** The word in a heading of CHANGELOG.md of a version that is still being worked on. */
const OPEN = '(not released)'

/**
 * What CHANGELOG.md says of one version, for the page of a release.
 * @param final a version that is given to people: its heading must not say that it is not released
 */
export function notesOf(changelog: string, version: string, final: boolean): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => text.split('\n', 1)[0]?.split(' ')[0] === version)
  if (section === undefined) throw new Error(`CHANGELOG.md has no heading "## ${version}".`)
  const [heading = '', ...lines] = section.split('\n')
  if (final && heading.includes(OPEN)) throw new Error(`CHANGELOG.md says of ${version} that it is not released. Put the date in its heading.`)
  const text = lines.join('\n').trim()
  if (text === '') throw new Error(`CHANGELOG.md says nothing of ${version}.`)
  return `${text}\n`
}
