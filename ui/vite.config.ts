import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Where a Podium for development listens: `podium demo` on another port than Vite's. */
const podium = process.env.PODIUM_URL ?? 'http://127.0.0.1:8123'
const proxy = Object.fromEntries(
  ['/tokens', '/api', '/auth', '/readyz', '/docs', '/openapi.json'].map((path) => [path, podium]),
)

/** What the binary sends with the page; the preview sends it as well, so that a breach shows early. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export default defineConfig({
  plugins: [vue()],
  // Addresses are relative to the <base> that the server writes into the page.
  base: './',
  build: {
    target: 'es2022',
    // Browsers that know light-dark(), which the theme is written with.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // A data URL in a style sheet would be one more thing for the policy to allow.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
  },
  server: { proxy },
  preview: { proxy, headers: { 'Content-Security-Policy': policy } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
