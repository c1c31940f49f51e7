// The public API v2 of Statuspage, with keys in the order in which it serves them. All fields are there and none is added: programs written for
// Statuspage can read these documents unchanged.

export type Indicator = 'none' | 'minor' | 'major' | 'critical' | 'maintenance'
export type ComponentStatus = 'operational' | 'degraded_performance' | 'partial_outage' | 'major_outage' | 'under_maintenance'

export interface ApiPage {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly time_zone: string
  readonly updated_at: string
}

export interface ApiStatus {
  readonly indicator: Indicator
  readonly description: string
}

export interface ApiComponent {
  readonly id: string
  readonly name: string
  readonly status: ComponentStatus
  readonly created_at: string
  readonly updated_at: string
  readonly position: number
  readonly description: string | null
  readonly showcase: boolean
  readonly start_date: string | null
  readonly group_id: string | null
  readonly page_id: string
  readonly group: boolean
  readonly only_show_if_degraded: boolean
}

export interface ApiAffected {
  readonly code: string
  readonly name: string
  readonly old_status: ComponentStatus
  readonly new_status: ComponentStatus
}

export interface ApiUpdate {
  readonly id: string
  readonly status: string
  readonly body: string
  readonly incident_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly display_at: string
  readonly affected_components: readonly ApiAffected[] | null
  readonly deliver_notifications: boolean
  readonly custom_tweet: string | null
  readonly tweet_id: string | null
}

export interface ApiIncident {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created_at: string
  readonly updated_at: string
  readonly monitoring_at: string | null
  readonly resolved_at: string | null
  readonly impact: Indicator
  readonly shortlink: string
  readonly started_at: string
  readonly page_id: string
  readonly incident_updates: readonly ApiUpdate[]
  readonly components: readonly ApiComponent[]
}

export interface ApiMaintenance extends ApiIncident {
  readonly scheduled_for: string
  readonly scheduled_until: string
}
