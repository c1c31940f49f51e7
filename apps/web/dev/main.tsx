import 'pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'
import '../src/theme/tokens.css'
import '../src/theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AppContext } from '../src/app-context.ts'
import { Shell } from '../src/views/shell.tsx'
import { Welcome } from '../src/views/welcome/welcome.tsx'
import { createFakeApp, fakeApi } from './fake-app.ts'

/** dev/index.html?welcome, ?invite, ?empty: pictures of the screen without a server. */
const scene = location.search.slice(1)
const place = document.getElementById('root')
if (place === null) throw new Error('index.html has no #root')
createRoot(place).render(
  <StrictMode>
    {scene === 'welcome' || scene === 'invite' ? (
      <Welcome
        door={{ api: fakeApi, deviceId: null, tried: () => undefined, troubled: () => false, left: null, forgetLeft: () => Promise.resolve() }}
        invited={scene === 'invite' ? { code: 'x'.repeat(43) } : null}
        onSignedIn={() => Promise.resolve()}
      />
    ) : (
      <AppContext value={createFakeApp(scene === 'empty')}>
        <Shell />
      </AppContext>
    )}
  </StrictMode>,
)
