import { useState } from 'react'
import type { Device } from '@bongsu/protocol'
import { useApp, useView } from '../../app-context.ts'
import { useDay } from '../../adapters/day.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Confirm } from '../../parts/dialog.tsx'
import { failureText } from '../../text/failure.ts'
import { dateLabel } from '../../text/time-labels.ts'
import { Section } from './section.tsx'

/** The devices come from the account's own log, so that the list is available offline and the same everywhere [D9]. */
export function Devices() {
  const texts = useTexts()
  useDay()
  const language = useLanguage()
  const { api, deviceId } = useApp()
  const { replica } = useView()
  const [asking, setAsking] = useState<Device | null>(null)
  const [error, setError] = useState<string | null>(null)
  const devices = [...replica.devices.values()].sort(
    (a, b) => Number(b.deviceId === deviceId) - Number(a.deviceId === deviceId) || b.createdAt - a.createdAt,
  )

  async function revoke(device: Device): Promise<void> {
    const answer = await api.call('revokeDevice', { params: { deviceId: device.deviceId } })
    if (answer.ok) setAsking(null)
    else setError(failureText(texts, answer))
  }

  return (
    <Section title={texts.devices}>
      <ul className="plain-list">
        {devices.map((device) => (
          <li key={device.deviceId} className="line-item" data-testid="device-row">
            <span className="row-text">
              <span className="row-name">{device.name}</span>
              <span className="row-last">{texts.deviceSince(dateLabel(device.createdAt, Date.now(), language))}</span>
            </span>
            {device.deviceId === deviceId ? (
              <span className="tag">{texts.thisDevice}</span>
            ) : (
              <button
                type="button"
                className="text-button text-button-danger"
                aria-label={`${device.name}: ${texts.revokeDevice}`}
                onClick={() => {
                  setError(null)
                  setAsking(device)
                }}
              >
                {texts.revokeDevice}
              </button>
            )}
          </li>
        ))}
      </ul>
      {asking !== null && (
        <Confirm
          title={texts.revokeDeviceAsk(asking.name)}
          about={texts.revokeDeviceAbout}
          action={texts.revokeDevice}
          error={error}
          onConfirm={() => revoke(asking)}
          onClose={() => setAsking(null)}
        />
      )}
    </Section>
  )
}
