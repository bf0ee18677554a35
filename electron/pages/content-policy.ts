/** Where a page of ours may connect to, and where it may be framed; everything else is the same wherever it is given out. */
export interface PageReach {
  /** Sources of `connect-src` beside its own origin. */
  readonly connect: readonly string[];
  readonly ancestors: 'none' | 'self';
}

/** What pages of ours may do: our own scripts and nothing inline, our own connections, pictures made on the spot. */
export const pagePolicy = ({ connect, ancestors }: PageReach): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The component library writes style elements, and the charts style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "worker-src 'self'",
    "frame-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors '${ancestors}'`,
  ].join('; ');

/** What a file of a run may do when it is shown: be looked at. It was made from foreign names. */
export const filePolicy = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');
