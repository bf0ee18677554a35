/** What pages of ours may do: our own scripts and nothing inline, our own connections, pictures made on the spot. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // The component library writes style elements, and the charts style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a file of a run may do when it is shown: be looked at. It was made from foreign names. */
export const filePolicy = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Headers of everything that the protocol answers; a policy with a sandbox is for a file, others for a page. */
export function securityHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // A sandboxed document that asked for a group of its own would not be shown at all, nor printed.
    ...(policy.startsWith('sandbox') ? {} : { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}
