/// <reference types="vite/client" />

/** Version of the app, put in by the build. */
declare const APP_VERSION: string
