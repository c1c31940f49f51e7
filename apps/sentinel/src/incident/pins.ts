import type { Hit, Incident, IncidentUpdate } from '../vocabulary/incident.ts'
import type { Component } from '../vocabulary/observation.ts'

/** The state of a component that a person set in an open incident. It stands until a person lifts it or ends the incident [S14]. */
export interface Pin extends Hit {
  readonly by: string
  /** Epoch ms. */
  readonly at: number
}

/** What people set in one incident. Statements of the sentinel itself change nothing of it. */
export function pinsIn(updates: readonly IncidentUpdate[]): readonly Pin[] {
  const pins = new Map<Component, Pin>()
  let before: readonly Hit[] = []
  for (const { by, at, hits } of updates) {
    if (by.kind === 'person') {
      for (const component of pins.keys()) if (!hits.some((hit) => hit.component === component)) pins.delete(component)
      for (const hit of hits) {
        const was = pins.get(hit.component) ?? before.find(({ component }) => component === hit.component)
        if (was?.condition !== hit.condition || was.profiles.join() !== hit.profiles.join()) pins.set(hit.component, { ...hit, by: by.name, at })
      }
    }
    before = hits
  }
  return [...pins.values()]
}

/** The pins of all open incidents. The newest word about a component counts. */
export function pinsOf(open: readonly Incident[]): ReadonlyMap<Component, Pin> {
  const all = open.flatMap(({ updates }) => pinsIn(updates)).toSorted((one, other) => one.at - other.at)
  return new Map(all.map((pin) => [pin.component, pin]))
}

/** The components that an incident hits, as people set them, and otherwise as measured. */
export function hitsWithPins({ hits, updates }: Incident): readonly Hit[] {
  const pins = pinsIn(updates)
  const pinned = pins.map(({ component, condition, profiles }): Hit => ({ component, condition, profiles }))
  return [...hits.filter(({ component }) => !pins.some((pin) => pin.component === component)), ...pinned]
}
