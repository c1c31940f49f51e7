import type { ReactNode } from 'react'

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="settings-section">
      <h2>{title}</h2>
      <div className="card">{children}</div>
    </section>
  )
}
