import type { MaintenanceUpdate, Text } from '../incident/incident.ts'
import { faultsInMaintenance, nextMaintenance, planMaintenance, type MaintenanceChange } from '../incident/updates.ts'
import type { Said, Unsaid } from './operator-desk.ts'
import { readSaidForm } from './said-form.ts'
import type { Saying } from './say-incident.ts'

const WORDS: Readonly<Record<'in_progress' | 'verifying' | 'completed', Text>> = {
  in_progress: { ko: '예고한 작업을 시작합니다.', en: 'The announced maintenance has started.' },
  verifying: { ko: '작업을 마치고 확인하고 있습니다.', en: 'The maintenance is done and is being checked.' },
  completed: { ko: '예고한 작업을 마쳤습니다.', en: 'The announced maintenance is completed.' },
}

export function planByForm({ desk, form, by, now, language }: Saying): Said<MaintenanceUpdate> {
  const read = readSaidForm(form, desk.snapshot().timeZone, now)
  const title = read.both('title', 'needed')
  const body = read.both('body', 'needed')
  const scheduledFor = read.time('from', 'future', 'needed')
  const scheduledUntil = read.time('until', 'future', 'needed')
  const components = read.components()
  const faults = read.faults.map((fault) => fault[language])
  if (components.length === 0) faults.push({ ko: '무엇을 손보는지 골라 주십시오.', en: 'Please choose the affected components.' }[language])
  if (scheduledFor !== undefined && scheduledUntil !== undefined && scheduledUntil <= scheduledFor)
    faults.push({ ko: '끝나는 시각이 시작보다 빠릅니다.', en: 'The end is before the start.' }[language])
  if (title === undefined || body === undefined || scheduledFor === undefined || scheduledUntil === undefined || faults.length > 0) return { faults }
  const planning = { maintenanceId: desk.newId(), title, body, components, scheduledFor, scheduledUntil }
  return desk.sayMaintenance((_maintenances, at) => faultless({ ...planMaintenance(planning, by, at), notify: read.checked('notify') }))
}

export function moveByForm({ desk, form, by, now, language }: Saying, id: string): Said<MaintenanceUpdate> {
  const read = readSaidForm(form, desk.snapshot().timeZone, now)
  const status = (['in_progress', 'verifying', 'completed'] as const).find((word) => word === form.get('status'))
  const body = read.both('body', status === undefined ? 'needed' : 'optional') ?? (status === undefined ? undefined : WORDS[status])
  const faults = read.faults.map((fault) => fault[language])
  if (body === undefined || faults.length > 0) return { faults }
  const change: MaintenanceChange = { body, notify: read.checked('notify'), ...(status === undefined ? {} : { status }) }
  return desk.sayMaintenance((maintenances, at) => {
    const maintenance = maintenances.find(({ maintenanceId }) => maintenanceId === id)
    if (maintenance === undefined) return { faults: [{ ko: '그런 점검은 없습니다.', en: 'There is no such maintenance.' }[language]] }
    if (form.get('seen') !== String(maintenance.updates.length))
      return {
        faults: [
          {
            ko: '그사이 다른 말이 더해졌습니다. 살펴보시고 다시 보내 주십시오.',
            en: 'Someone published an update meanwhile. Please check it and send again.',
          }[language],
        ],
      }
    return faultless(nextMaintenance(maintenance, change, by, at))
  })
}

function faultless(update: MaintenanceUpdate): MaintenanceUpdate | Unsaid {
  const faults = faultsInMaintenance(update)
  return faults.length === 0 ? update : { faults }
}
