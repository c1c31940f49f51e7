import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { CronJob } from 'kubernetes-models/batch/v1'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Pod, Service } from 'kubernetes-models/v1'
import { parse } from 'yaml'
import { SETTINGS } from '../../apps/server/src/config.ts'
import { SETTINGS as SENTINEL_SETTINGS } from '../../apps/sentinel/src/config.ts'
import { CHART, example, notesOf, render } from './render.ts'

type Json = Readonly<Record<string, unknown>>

const KINDS = { Deployment, StatefulSet, CronJob, Ingress, PodDisruptionBudget, Pod, Service }

/** As the values of a release, with some changed. */
const server = (change: Json = {}): Json => ({ ...example('server'), ...change })
const sentinel = (change: Json = {}): Json => ({ ...example('sentinel'), ...change })

function made(values: Json): readonly Json[] {
  const rendered = render(values)
  assert.ok(rendered.ok, rendered.ok ? '' : rendered.reason)
  return rendered.manifests
}

function one<K extends keyof typeof KINDS>(kind: K, values: Json): InstanceType<(typeof KINDS)[K]> {
  const found = made(values).filter((manifest) => manifest['kind'] === kind)
  assert.equal(found.length, 1, kind)
  return found[0] as unknown as InstanceType<(typeof KINDS)[K]>
}

/** Kubernetes' own schemas allow unknown fields, which the API server drops with a warning. Whatever a check does not read, it does not know. */
function unread(value: unknown, path: string, unknown: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const left = new Set(Object.keys(value))
  const watched = new Map<string | symbol, unknown>()
  leftovers.push(() => unknown.push(...[...left].map((key) => `${path}.${key}`)))
  return new Proxy(value, {
    get(target, key) {
      left.delete(String(key))
      if (!watched.has(key)) watched.set(key, unread(Reflect.get(target, key), `${path}.${String(key)}`, unknown))
      return watched.get(key)
    },
  })
}
const leftovers: (() => void)[] = []

function problemsOf(manifest: Json): readonly string[] {
  const { apiVersion, kind } = manifest
  const Model = KINDS[kind as keyof typeof KINDS]
  if (Model === undefined || Model.apiVersion !== apiVersion) return [`${String(apiVersion)} ${String(kind)} is no kind that is checked`]
  const unknown: string[] = []
  leftovers.length = 0
  try {
    Model.prototype.validate.call(unread(manifest, String(kind), unknown))
  } catch (cause) {
    return [String(cause)]
  }
  for (const look of leftovers) look()
  return unknown
}

test('[O20] what the chart makes are objects of Kubernetes, by its own schemas, without a field that it does not know', () => {
  const more = {
    imagePullSecrets: [{ name: 'registry' }],
    podAnnotations: { 'example.kr/seen': 'yes' },
    nodeSelector: { 'kubernetes.io/arch': 'amd64' },
    tolerations: [{ key: 'talk', operator: 'Exists', effect: 'NoSchedule' }],
    priorityClassName: 'high',
    storage: { className: 'fast', size: '1Gi' },
  }
  const kindsOf = (values: Json): readonly string[] => {
    const manifests = made(values)
    for (const manifest of manifests) assert.deepEqual(problemsOf(manifest), [])
    return manifests.map(({ kind }) => String(kind)).toSorted()
  }
  const whole = ['CronJob', 'Deployment', 'Ingress', 'Pod', 'PodDisruptionBudget', 'Service']
  assert.deepEqual(kindsOf(server()), whole)
  assert.deepEqual(kindsOf(server(more)), whole)
  assert.deepEqual(
    kindsOf(server({ doctorSchedule: '', ingress: { enabled: false }, trustedProxies: [], nats: {}, statusUrl: '', sentinelKey: {} })),
    ['Deployment', 'Pod', 'PodDisruptionBudget', 'Service'],
  )
  for (const values of [sentinel(), sentinel(more)]) assert.deepEqual(kindsOf(values), ['Ingress', 'Service', 'StatefulSet'])

  const [deployment] = made(server()).filter(({ kind }) => kind === 'Deployment') as [Json]
  const broken = structuredClone(deployment) as { spec: { replicas: unknown; template: { spec: Record<string, unknown> } } }
  broken.spec.template.spec['enableServicelinks'] = false
  assert.deepEqual(problemsOf(broken as unknown as Json), ['Deployment.spec.template.spec.enableServicelinks'])
  broken.spec.replicas = 'three'
  assert.match(problemsOf(broken).join(), /replicas/)
})

test('[O20] the chart sets only settings that exist, and takes from Secrets what is secret', () => {
  const envOf = (values: Json): readonly { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[] => {
    const pods = made(values).flatMap((manifest) => ('Deployment StatefulSet'.includes(String(manifest['kind'])) ? [manifest] : []))
    return (pods[0] as unknown as Deployment).spec?.template.spec?.containers[0]?.env as never
  }
  const known = (settings: object): readonly string[] => Object.values(settings as typeof SETTINGS).map(({ env }) => env)
  const names = [server(), sentinel()].map((values) => envOf(values).map(({ name }) => name))
  assert.deepEqual(
    [names[0]?.filter((name) => !known(SETTINGS).includes(name)), names[1]?.filter((name) => !known(SENTINEL_SETTINGS).includes(name))],
    [[], []],
  )
  for (const each of names) assert.equal(new Set(each).size, each.length)
  const secret = /DATABASE$|CREDENTIALS|KEY$|SMTP_URL/
  for (const { name, value, valueFrom } of [...envOf(server()), ...envOf(sentinel())])
    assert.equal(valueFrom?.secretKeyRef?.name !== undefined && value === undefined, secret.test(name), name)
  const plain = envOf(server({ settings: { BONGSU_NAME: '"톡" {{ .Values.url }}\n- name: X', BONGSU_CONNECTIONS_MAX: '16000' } }))
  assert.equal(plain.find(({ name }) => name === 'BONGSU_NAME')?.value, '"톡" {{ .Values.url }}\n- name: X', 'a value is never a template')
  assert.equal(plain.find(({ name }) => name === 'BONGSU_CONNECTIONS_MAX')?.value, '16000')
})

test('[O20] a rollout takes no pod away before the next one serves, and a pod has the time to move its devices', () => {
  const { spec } = one('Deployment', server({ leaveAfterSeconds: 20 }))
  assert.deepEqual(spec?.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
  const pod = spec?.template.spec
  const [container] = pod?.containers ?? []
  assert.deepEqual(container?.lifecycle?.preStop?.exec?.command, ['sleep', '20'])
  // A stop ends within 45 s [O15].
  assert.ok((pod?.terminationGracePeriodSeconds ?? 0) >= 20 + 45 + 10)
  assert.deepEqual([container?.readinessProbe?.httpGet?.path, container?.livenessProbe?.httpGet?.path], ['/servez', '/healthz'])
  assert.equal(one('PodDisruptionBudget', server()).spec?.maxUnavailable, 1)
  for (const each of [pod, one('StatefulSet', sentinel()).spec?.template.spec]) {
    assert.deepEqual([each?.enableServiceLinks, each?.automountServiceAccountToken, each?.securityContext?.runAsNonRoot], [false, false, true])
    const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = each?.containers[0]?.securityContext ?? {}
    assert.deepEqual([readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities], [true, false, { drop: ['ALL'] }])
  }
  // A heartbeat of 25 s is heard three times before the proxy gives a connection up.
  const timeouts = Object.entries(one('Ingress', server()).metadata?.annotations ?? {}).filter(([name]) => name.endsWith('-timeout'))
  assert.ok(timeouts.length === 2 && timeouts.every(([, seconds]) => Number(seconds) > 3 * 25))
})

test('[O20] values with which something could be lost or cannot run are refused, and the reason is told', () => {
  const wrong: readonly (readonly [Json, RegExp])[] = [
    [server({ database: { secret: { name: '' } }, replicas: 2 }), /database\.secret\.name is missing.*SQLite serves one process/s],
    [server({ database: {}, replicas: 1 }), /database\.secret\.name is missing/],
    [server({ database: { url: 'sqlite:data' }, replicas: 2 }), /database|url/],
    [server({ database: { secret: { name: 'bongsu' }, unsafe: 'yes' } }), /unsafe/],
    [server({ settings: { BONGSU_DATABASE: 'postgres://x/y' } }), /settings\.BONGSU_DATABASE is set by the chart/],
    [server({ settings: { BONGSU_DATABASE_UNSAFE: 'allow' } }), /settings\.BONGSU_DATABASE_UNSAFE is set by the chart/],
    [server({ secretSettings: { BONGSU_DATABASE: { name: 'x', key: 'y' } } }), /settings\.BONGSU_DATABASE is set by the chart/],
    [server({ settings: { bongsu_name: 'x' } }), /settings|pattern/],
    [server({ settings: { BONGSU_CONNECTIONS_MAX: 1_000_000 } }), /string/],
    [server({ replicas: 0 }), /replicas|minimum/],
    [server({ replicas: 'two' }), /replicas|integer/],
    [server({ trustedProxies: [] }), /trustedProxies is missing/],
    [server({ trustedProxies: ['0.0.0.0/0 # all'] }), /trustedProxies|pattern/],
    [server({ image: { repository: '' } }), /image\.repository is missing/],
    [server({ url: '' }), /url is missing/],
    [server({ url: 'http://talk.example.kr' }), /url|pattern/],
    [server({ nats: { servers: ['nats://user:secret@nats:4222'] } }), /nats|pattern/],
    [server({ replica: 2 }), /replica/],
    [server({ role: 'both' }), /role/],
    [sentinel({ messengerUrl: '' }), /messengerUrl is missing/],
    [sentinel({ sentinelKey: {} }), /sentinelKey\.secret\.name is missing/],
    [sentinel({ storage: { size: '0' } }), /size|pattern/],
  ]
  for (const [values, reason] of wrong) {
    const rendered = render(values)
    assert.ok(!rendered.ok, JSON.stringify(values))
    assert.match(rendered.reason, reason)
  }
})

test('[O20] the notes warn of what was chosen knowingly, and of a sentinel beside its messenger', () => {
  const calm = notesOf(server())
  assert.doesNotMatch(calm, /WARNING|nats|With one pod|no status page/)
  assert.match(calm, /helm --namespace town test talk/)
  const worried = notesOf(server({ replicas: 2, nats: {}, statusUrl: '', database: { secret: { name: 'bongsu' }, unsafe: 'allow' } }))
  for (const said of [/WARNING: database\.unsafe is allow/, /up to 2 s/, /no status page/]) assert.match(worried, said)
  assert.match(notesOf(server({ replicas: 1 })), /With one pod/)
  assert.match(notesOf(sentinel()), /another cluster/)
})

test('[O20] the version of the chart is that of the program', () => {
  const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as Json
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  assert.deepEqual([chart['version'], chart['appVersion']], [version, version])
})
