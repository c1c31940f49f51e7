import type { RefusalCode } from '@bongsu/protocol'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** Counts for operators, in Prometheus' format. No names, ids or contents: only amounts and speeds. */
export interface Metrics {
  readonly frameIn: (type: string) => void
  readonly refused: (code: RefusalCode) => void
  readonly accepted: (ms: number) => void
  readonly failed: () => void
  readonly auditFault: () => void
  readonly epochBegun: () => void
  readonly request: (route: string, status: number) => void
  readonly text: () => Promise<string>
  readonly contentType: string
}

export interface MetricSources {
  readonly connections: () => number
  readonly waitingBytesMax: () => number
  readonly liveRooms: () => number
  readonly storeWritable: () => boolean
  readonly overloadLevel: () => number
  readonly queueingMs: () => number
  readonly hellosHeld: () => number
  readonly clockOffMs: () => number
  readonly hellosRate: () => number
  readonly busDeaf: () => boolean
  readonly hintsDropped: () => { readonly unreadable: number; readonly unsent: number }
  readonly otherProcesses: () => number
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 10 })
  const frames = new Counter({ name: 'bongsu_frames_in_total', help: 'Frames received, by type.', labelNames: ['type'], registers })
  const refusals = new Counter({ name: 'bongsu_refusals_total', help: 'Requests refused, by code.', labelNames: ['code'], registers })
  const requests = new Counter({
    name: 'bongsu_http_requests_total',
    help: 'HTTP requests, by route and status.',
    labelNames: ['route', 'status'],
    registers,
  })
  const failures = new Counter({ name: 'bongsu_failures_total', help: 'Operating failures: store unavailable, reads that failed.', registers })
  const auditFaults = new Counter({
    name: 'bongsu_audit_faults_total',
    help: 'Devices whose entries differed from the server’s, and which loaded the room again.',
    registers,
  })
  const epochs = new Counter({
    name: 'bongsu_epochs_begun_total',
    help: 'Times that the database was found to have gone back to an older state, so that a new epoch began.',
    registers,
  })
  const acceptance = new Histogram({
    name: 'bongsu_accept_seconds',
    help: 'From the frame to the durable entry.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  gauge('bongsu_connections', 'Open connections.', sources.connections)
  gauge('bongsu_waiting_bytes_max', 'Most bytes waiting for one connection.', sources.waitingBytesMax)
  gauge('bongsu_live_rooms', 'Conversations of connected devices.', sources.liveRooms)
  gauge('bongsu_store_writable', '1 when the last write succeeded, else 0.', () => (sources.storeWritable() ? 1 : 0))

  gauge('bongsu_overload_level', '0 is calm; 1 drops typing, 2 unread numbers too, 3 history, 4 admits devices more slowly.', sources.overloadLevel)
  gauge('bongsu_queueing_seconds', 'Average wait of work in the last second.', () => sources.queueingMs() / 1_000)
  gauge('bongsu_clock_off_seconds', 'How far the clock of this machine seems to be ahead; 0 when it seems right.', () => sources.clockOffMs() / 1_000)
  gauge('bongsu_hellos_held', 'Connected devices that wait for their turn.', sources.hellosHeld)
  gauge('bongsu_hellos_rate', 'Devices that are admitted in a second at most, as the machine is now.', sources.hellosRate)
  gauge('bongsu_bus_deaf', '1 when hints of other processes are lost and the store is asked instead, else 0.', () => (sources.busDeaf() ? 1 : 0))
  gauge('bongsu_hints_unreadable', 'Hints dropped since the start because they could not be read.', () => sources.hintsDropped().unreadable)
  gauge('bongsu_hints_unsent', 'Hints dropped since the start because no NATS server took them.', () => sources.hintsDropped().unsent)
  gauge('bongsu_other_processes', 'Other server processes on this database.', sources.otherProcesses)

  function gauge(name: string, help: string, value: () => number): void {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) })
  }

  // Labels are looked up once for each type, not for each frame.
  const byType = new Map<string, Counter.Internal>()
  return {
    frameIn(type) {
      let counter = byType.get(type)
      if (counter === undefined) byType.set(type, (counter = frames.labels(type)))
      counter.inc()
    },
    refused: (code) => refusals.labels(code).inc(),
    accepted: (ms) => acceptance.observe(ms / 1_000),
    failed: () => failures.inc(),
    auditFault: () => auditFaults.inc(),
    epochBegun: () => epochs.inc(),
    request: (route, status) => requests.labels(route, String(status)).inc(),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
