// The order of the cascade: styles of a view come after the general ones.
import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'
import './theme/tokens.css'
import './theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { keepComposingKeys } from './adapters/input-method.ts'
import { startAnewWhenBack } from './adapters/one-window.ts'
import { registerServiceWorker } from './adapters/service-worker.ts'
import { followHost } from './adapters/status.ts'
import { followVisibleHeight } from './adapters/viewport.ts'
import { Root } from './root.tsx'
import { createSessionHost, listenToPlatform } from './session-host.ts'

keepComposingKeys()
followVisibleHeight()
startAnewWhenBack()
const host = createSessionHost()
listenToPlatform(host)
followHost(host)
void host.open()

const place = document.getElementById('root')
if (place === null) throw new Error('index.html has no #root')
createRoot(place).render(
  <StrictMode>
    <Root host={host} />
  </StrictMode>,
)

// Without it the app still works, only not offline.
registerServiceWorker().catch(() => undefined)
