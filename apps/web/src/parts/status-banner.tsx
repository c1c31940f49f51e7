import type { ReactNode } from 'react'
import { putAwayBanner } from '../adapters/status.ts'
import type { Banner } from '../status/read-status.ts'
import { useDay } from '../adapters/day.ts'
import { useLanguage, useTexts } from '../adapters/settings-store.ts'
import { listLabel } from '../text/time-labels.ts'

/**
 * The sentinel's report about the messenger, above everything else on the screen [F6]: the incident, the newest update, and a link to more. Shown
 * once, and gone after dismissal.
 * @param children the line about the connection: what is known about one trouble stands in one place [C16].
 */
export function StatusBanner({ banner, children }: { readonly banner: Banner | null; readonly children?: ReactNode }) {
  const texts = useTexts()
  useDay()
  const language = useLanguage()
  return (
    <div role="status" className="status-place">
      {banner !== null && (
        <section
          className="status-banner"
          aria-label={texts.statusPage}
          data-testid="status-banner"
          data-kind={banner.kind}
          data-grave={banner.kind === 'incident' && (banner.impact === 'major' || banner.impact === 'critical')}
        >
          <span className="status-dot" aria-hidden="true" />
          <div className="status-words">
            <p className="status-title">
              {banner.kind === 'silent' ? texts.statusSilent : banner.title[language]}
              {banner.kind === 'incident' && <span className="status-when">{listLabel(banner.updatedAt, Date.now(), language)}</span>}
            </p>
            <p className="status-body">{banner.kind === 'silent' ? texts.statusSilentAbout : banner.body[language]}</p>
          </div>
          {children}
          <span className="status-tail">
            <a className="text-button" href={banner.url} target="_blank" rel="noopener noreferrer" data-testid="status-more">
              {texts.statusMore}
            </a>
            <button type="button" className="text-button" onClick={() => putAwayBanner(banner.key)} data-testid="status-away">
              {texts.understood}
            </button>
          </span>
        </section>
      )}
    </div>
  )
}
