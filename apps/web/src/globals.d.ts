/// <reference types="vite/client" />

/** Version of the app, inserted by the build. */
declare const APP_VERSION: string
