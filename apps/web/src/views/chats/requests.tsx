import { useEffect, useState } from 'react'
import { waitingRequests } from '@bongsu/client'
import type { Entry } from '@bongsu/protocol'
import { useApp, useNames, useView } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { Confirm, Sheet } from '../../parts/dialog.tsx'
import { Face } from '../../parts/face.tsx'
import { BlockIcon, CloseIcon } from '../../parts/icons.tsx'
import { PersonName } from '../../parts/person-name.tsx'
import { namedWordsOf } from '../../kinds/kinds.ts'
import { paths } from '../../route.ts'
import { go } from '../../router.ts'
import { clip } from '../../text/cut-text.ts'
import { failureText } from '../../text/failure.ts'
import { isolated } from '../../text/isolated.ts'
import { useRequestTexts } from '../../text/request-texts.ts'
import { listLabel } from '../../text/time-labels.ts'

type Waiting = ReturnType<typeof waitingRequests>[number]

/** People who wait to be let in [B40]. The sheet closes with the last one. */
export function Requests({ onClose }: { readonly onClose: () => void }) {
  const asked = useRequestTexts()
  const language = useLanguage()
  const { replica } = useView()
  const [shown, setShown] = useState<string | null>(null)
  const requests = waitingRequests(replica)
  const request = requests.find(({ conversationId }) => conversationId === shown)
  useEffect(() => {
    if (requests.length === 0) onClose()
  }, [requests.length, onClose])
  if (request !== undefined) return <OneRequest request={request} onAccepted={onClose} onClose={() => setShown(null)} />
  return (
    <Sheet title={asked.requests} onClose={onClose} testId="requests-sheet">
      <p className="hint">{asked.requestsAbout}</p>
      <div role="list" className="request-rows">
        {requests.map(({ conversationId, kind, title, from, at }) => (
          <div role="listitem" key={conversationId}>
            <button type="button" className="row row-person" onClick={() => setShown(conversationId)} data-testid="request-row">
              <Face id={from.accountId} name={from.displayName} />
              <span className="row-text">
                <span className="row-top">
                  <PersonName person={replica.people.get(from.accountId) ?? from} />
                  <span className="row-time">{listLabel(at, Date.now(), language)}</span>
                </span>
                <span className="row-last">{kind === 'group' ? asked.invitesTo(isolated(title ?? '')) : `@${from.handle}`}</span>
              </span>
            </button>
          </div>
        ))}
      </div>
    </Sheet>
  )
}

interface OneRequestProps {
  readonly request: Waiting
  readonly onAccepted: () => void
  readonly onClose: () => void
}

/** Who it is and what they say, to decide by. Nobody is told that it was looked at [B43]. */
function OneRequest({ request: { conversationId, kind, title, memberCount, from }, onAccepted, onClose }: OneRequestProps) {
  const texts = useTexts()
  const asked = useRequestTexts()
  const { api } = useApp()
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState<'decline' | 'block' | null>(null)
  const params = { conversationId }

  async function accept(): Promise<void> {
    if (busy) return
    setBusy(true)
    const answer = await api.call('acceptRequest', { params })
    setBusy(false)
    if (!answer.ok) return setError(failureText(texts, answer, { 'not-found': kind === 'group' ? asked.inviteLapsed : asked.requestDecided }))
    onAccepted()
    go(paths.room(conversationId))
  }

  /** First the block, so that nothing of them can come in between. */
  async function decline(): Promise<void> {
    const blocked = asking === 'block' ? await api.call('block', { params: { accountId: from.accountId } }) : null
    const answer = blocked?.ok === false ? blocked : await api.call('declineRequest', { params })
    if (answer.ok) onClose()
    else setError(failureText(texts, answer))
  }

  if (asking !== null) {
    const name = isolated(from.displayName)
    return (
      <Confirm
        title={asking === 'block' ? texts.blockAsk(name) : asked.declineAsk(name)}
        about={asking === 'block' ? texts.blockAbout : kind === 'group' ? asked.declineGroupAbout : asked.declineAbout}
        action={asking === 'block' ? texts.blockNow : asked.declineNow}
        error={error}
        onConfirm={decline}
        onClose={() => setAsking(null)}
      />
    )
  }

  return (
    <Sheet title={asked.requestFrom(isolated(from.displayName))} titleHidden onClose={onClose} testId="request-sheet">
      <div className="profile">
        <Face id={from.accountId} name={from.displayName} size="xl" />
        <p className="profile-name">
          <bdi>{from.displayName}</bdi>
        </p>
        <p className="profile-handle">@{from.handle}</p>
      </div>
      {kind === 'group' ? (
        <p className="request-group" data-testid="request-group">
          {asked.invitesTo(isolated(title ?? ''))} <span>{asked.membersNow(memberCount ?? 0)}</span>
        </p>
      ) : (
        <Said conversationId={conversationId} />
      )}
      {error !== null && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <button type="button" className="button button-main button-wide" aria-disabled={busy} onClick={() => void accept()} data-testid="accept">
        {asked.acceptRequest}
      </button>
      <div className="request-no">
        <button type="button" className="sheet-act sheet-danger" onClick={() => setAsking('decline')} data-testid="decline">
          <CloseIcon />
          {asked.declineRequest}
        </button>
        <button type="button" className="sheet-act sheet-danger" onClick={() => setAsking('block')} data-testid="decline-block">
          <BlockIcon />
          {asked.declineAndBlock}
        </button>
      </div>
    </Sheet>
  )
}

/** Most messages that are shown of a request. */
const saidMax = 5
/** Most of one of them, in UTF-16 units. */
const saidUnitsMax = 500

/** Their last messages as plain words: a link of a stranger cannot be pressed. */
function Said({ conversationId }: Pick<Waiting, 'conversationId'>) {
  const texts = useTexts()
  const asked = useRequestTexts()
  const language = useLanguage()
  const nameOf = useNames()
  const { api, accountId: me } = useApp()
  const [entries, setEntries] = useState<readonly Entry[] | 'lost' | null>(null)
  useEffect(() => {
    let over = false
    void api.call('readHistory', { params: { conversationId }, query: { limit: saidMax + 1 } }).then((answer) => {
      if (!over) setEntries(answer.ok ? answer.value.entries : 'lost')
    })
    return () => {
      over = true
    }
  }, [api, conversationId])
  if (entries === null) return null
  if (entries === 'lost') return <p className="hint">{asked.requestLost}</p>
  const said = entries.filter(({ body }) => body.kind !== 'created').slice(-saidMax)
  if (said.length === 0) return <p className="hint">{asked.requestEmpty}</p>
  return (
    <ul className="request-said" data-testid="request-said">
      {said.map((entry) => (
        <li key={entry.seq}>{clip(namedWordsOf(entry, { language, nameOf, room: 'direct' }, me, texts.said), saidUnitsMax)}</li>
      ))}
    </ul>
  )
}
