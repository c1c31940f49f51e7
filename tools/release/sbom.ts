import { createHash } from 'node:crypto'

/** A part of a release, for its bill of materials. */
export interface Component {
  /** As in the registry of npm, with its scope. */
  readonly name: string
  readonly version: string
  /** SPDX identifier or expression. */
  readonly licence: string
  /** Of the packed package, as npm writes it; null where it is not known. */
  readonly integrity: string | null
  /** `ref`s of what it needs. */
  readonly needs: readonly string[]
  readonly ref: string
  readonly kind: 'library' | 'platform'
}

export interface Product {
  readonly version: string
  /** What makes the release, in seconds since 1970: fixed, so that the same sources make the same file. */
  readonly madeAt: number
  readonly needs: readonly string[]
}

/** A bill of materials in the form of CycloneDX 1.5. */
export function sbomOf(product: Product, components: readonly Component[]): string {
  const ref = `pkg:generic/bongsu@${product.version}`
  const body = {
    version: 1,
    metadata: {
      timestamp: new Date(product.madeAt * 1_000).toISOString(),
      component: {
        'bom-ref': ref,
        type: 'application',
        name: 'bongsu',
        version: product.version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components: components.map((part) => ({
      'bom-ref': part.ref,
      type: part.kind,
      ...nameOf(part.name),
      version: part.version,
      purl: purlOf(part),
      licenses: [/\s/.test(part.licence) ? { expression: part.licence } : { license: { id: part.licence } }],
      ...(part.integrity === null ? {} : { hashes: hashesOf(part.integrity) }),
    })),
    dependencies: [{ ref, dependsOn: product.needs }, ...components.map((part) => ({ ref: part.ref, dependsOn: part.needs }))],
  }
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: serialOf(body), ...body }, null, 2)}\n`
}

function nameOf(name: string): { group?: string; name: string } {
  const [, group, rest] = /^(@[^/]+)\/(.+)$/.exec(name) ?? []
  return group === undefined || rest === undefined ? { name } : { group, name: rest }
}

function purlOf({ name, version, kind }: Component): string {
  return kind === 'platform' ? `pkg:generic/${name}@${version}` : `pkg:npm/${name.replace('@', '%40')}@${version}`
}

const ALGORITHMS: Readonly<Record<string, string>> = { sha512: 'SHA-512', sha256: 'SHA-256', sha1: 'SHA-1' }

function hashesOf(integrity: string): { alg: string; content: string }[] {
  return integrity.split(' ').map((one) => {
    const [algorithm = '', base64 = ''] = one.split(/-(.*)/s)
    const alg = ALGORITHMS[algorithm]
    if (alg === undefined) throw new Error(`A package has a hash of an unknown kind: ${one}`)
    return { alg, content: Buffer.from(base64, 'base64').toString('hex') }
  })
}

/** A serial number that the same contents get again: a UUID of version 8, made from their hash. */
function serialOf(body: unknown): string {
  const hex = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
