// Which proxy a vendor is reached through: the configuration's, else the one
// that the environment names for everybody.
import { type Environment, variable } from "./environment.ts";
import { isLoopbackUrl } from "./loopback.ts";

export interface ProxyQuestion {
  readonly baseUrl: string;
  /** What the configuration says for this vendor. */
  readonly configured?: string;
}

/**
 * HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, the lower-case name first. A
 * server of this machine is reached directly: no proxy elsewhere could find it,
 * and none should see its keys.
 */
export function proxyFor({ baseUrl, configured }: ProxyQuestion, environment: Environment): string | undefined {
  if (configured !== undefined) return configured;
  const url = new URL(baseUrl);
  if (isLoopbackUrl(baseUrl)) return undefined;
  if (isExempt(url, either(environment, "NO_PROXY"))) return undefined;
  const own = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  return either(environment, own) ?? either(environment, "ALL_PROXY");
}

/** A list of hosts; each holds for its sub-domains too, and may name a port. */
function isExempt(url: URL, list: string | undefined): boolean {
  return (list ?? "").split(",").some((item) => {
    const name = item
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, "");
    if (name === "") return false;
    if (name === "*" || name === url.host) return true;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}

function either(environment: Environment, name: string): string | undefined {
  return variable(environment, name.toLowerCase()) ?? variable(environment, name);
}
