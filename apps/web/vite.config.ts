import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'
import { VitePWA } from 'vite-plugin-pwa'
import { emojiData } from './emoji-data.ts'
import { laterParts } from './later-parts.ts'
import packageJson from './package.json' with { type: 'json' }

// The server's content security policy allows no inline code and no data: fonts, so nothing is inlined here either.
export default defineConfig({
  define: { APP_VERSION: JSON.stringify(packageJson.version) },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // One style sheet: a part that is loaded later needs no second file, and a retry cannot leave it without its styles. All of them are 12 KB.
    cssCodeSplit: false,
    // What the first screen needs is one file: each file takes a way of its own through the service worker.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'app', tags: ['$initial'] }] } } },
    // The licences of the bundled packages must accompany every copy, so the app serves them too.
    license: { fileName: 'third-party.json' },
  },
  server: { host: 'localhost', proxy: { '/v1': { target: `http://127.0.0.1:${process.env['BONGSU_PORT'] ?? 8080}`, ws: true } } },
  plugins: [
    react(),
    emojiData(),
    laterParts(),
    // Compressed once at build time, so that the server sends files unchanged.
    compression({ include: /\.(js|css|html|svg|webmanifest)$/, threshold: 0, algorithms: ['gzip', 'brotliCompress'] }),
    VitePWA({
      registerType: 'prompt',
      // Registered by adapters/service-worker.ts: the plug-in's own way would be an inline script.
      injectRegister: false,
      workbox: {
        inlineWorkboxRuntime: true,
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest}'],
        navigateFallbackDenylist: [/^\/v1\//, /^\/docs/, /^\/(healthz|readyz|servez|metrics)/],
        // 92 font files, 3 MB: each is stored at its first use, none is loaded in advance.
        runtimeCaching: [{ urlPattern: /\.woff2$/, handler: 'CacheFirst', options: { cacheName: 'fonts', expiration: { maxEntries: 120 } } }],
      },
      manifest: {
        name: '봉수',
        short_name: '봉수',
        description: '꺼지지 않는 우리 대화',
        lang: 'ko',
        start_url: '/',
        display: 'standalone',
        background_color: '#0c0f1b',
        theme_color: '#0c0f1b',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
})
