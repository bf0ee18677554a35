import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the window into dist/renderer; the service and Electron's custom protocol serve it from there. */
export default defineConfig({
  root: 'renderer',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'es2024',
    // The content security policy allows no inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
