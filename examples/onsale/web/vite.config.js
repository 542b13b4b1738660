import { defineConfig } from 'vite'

export default defineConfig({
  base: './',
  // The client is written for Node and browsers alike: these two names are all it misses in a browser.
  // A Uint8Array is what it needs of a Buffer: the protobuf reader takes either.
  define: { global: 'globalThis', Buffer: 'Uint8Array' },
  build: { target: 'es2022', chunkSizeWarningLimit: 400 },
  server: { proxy: { '/deepstream': { target: 'ws://127.0.0.1:6020', ws: true } } }
})
