// Addresses of this very machine: what is sent there does not leave it.

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Of a URL that can be read. The URL parser has turned other spellings of an address into these. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK_HOST.test(new URL(url).hostname);
}
