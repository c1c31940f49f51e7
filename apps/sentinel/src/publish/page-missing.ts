import { html } from 'ghtml'
import { say, type Page, type View } from './view.ts'

/** The page for an unknown address. The address may have any depth, so links begin at the root of the host. */
export function atRoot(view: View): View {
  const root = `${new URL(view.snapshot.pageUrl).pathname.replace(/\/$/, '')}/`
  return { ...view, root, home: view.language === 'ko' ? root : `${root}${view.language}/` }
}

export function missingPage(view: View): Page {
  const title = say(view, { ko: '그런 페이지는 없습니다', en: 'This page does not exist' })
  return {
    path: '404.html',
    title: `${title} · ${view.snapshot.name}`,
    description: title,
    live: false,
    body: html`<section>
      <h1>${title}</h1>
      <p class="lead">
        ${say(view, {
          ko: '주소가 바뀌었거나, 90일이 지난 장애의 페이지일 수 있습니다.',
          en: 'The address may have changed, or it was the page of an incident older than 90 days.',
        })}
      </p>
      <p>
        <a href="${view.snapshot.pageUrl}/${view.language === 'ko' ? '' : 'en/'}"
          >${say(view, { ko: '지금 상태 보기', en: 'Open the status page' })}</a
        >
      </p>
    </section>`,
  }
}
