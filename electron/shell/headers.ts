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
