import { pagePolicy } from '../pages/content-policy.ts';

/** Headers of every answer: what a page of the service at this port may load and where it may be shown. */
export const pageHeaders = (port: number): Readonly<Record<string, string>> => ({
  'content-security-policy': pagePolicy({
    connect: [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`],
    ancestors: 'self',
  }),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});
