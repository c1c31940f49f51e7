// The order of the cascade: styles of a view come after the general ones.
import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'
import './theme/tokens.css'
import './theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepComposingKeys } from './adapters/input-method.ts'
import { followBackGesture } from './adapters/layer-step.ts'
import { startAnewWhenBack } from './adapters/one-window.ts'
import { registerServiceWorker } from './adapters/service-worker.ts'
import { followHost } from './adapters/status.ts'
import { followVisibleHeight } from './adapters/viewport.ts'
import { Boundary } from './parts/boundary.tsx'
import { Root } from './root.tsx'
import { parseRoute } from './route.ts'
import { beginAnew } from './router.ts'
import { createSessionHost, listenToPlatform } from './session-host.ts'
import { loadRoom } from './views/room/load-room.ts'

// In a room, its view is loaded while the database is read. The view says itself when it cannot be loaded.
const route = parseRoute(location.hash)
if (route.at === 'chats' && route.conversationId !== null) loadRoom().catch(() => undefined)
keepComposingKeys()
followVisibleHeight()
startAnewWhenBack()
followBackGesture()
const host = createSessionHost(beginAnew)
listenToPlatform(host)
followHost(host)
void host.open()

const place = document.getElementById('root')
if (place === null) throw new Error('index.html has no #root')
createRoot(place).render(
  <StrictMode>
    <Boundary onRetry={() => location.reload()}>
      <Root host={host} />
    </Boundary>
  </StrictMode>,
)

// Without it the app still works, only not offline.
registerServiceWorker().catch(() => undefined)
