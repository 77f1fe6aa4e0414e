// The retry budget of each vendor: retries under way are at most a tenth of the
// calls under way, or three. When a vendor fails for everybody, retries then add
// little to what it must bear. A first try, of whatever route, never counts.

export interface RetryBudgetLimits {
  /** Share of the vendor's calls under way, retries among them. */
  readonly share: number;
  /** Always allowed, so that a quiet vendor can be retried at all. */
  readonly concurrentMin: number;
}

const RETRY_BUDGET_DEFAULT: RetryBudgetLimits = { share: 0.1, concurrentMin: 3 };

export interface RetryBudget {
  /** Counts a call; returns what ends it, or undefined when it is a retry too many. */
  enter(vendor: string, isRetry: boolean): (() => void) | undefined;
}

interface UnderWay {
  calls: number;
  retries: number;
}

export function createRetryBudget(limits: RetryBudgetLimits = RETRY_BUDGET_DEFAULT): RetryBudget {
  const vendors = new Map<string, UnderWay>();

  function underWay(vendor: string): UnderWay {
    const known = vendors.get(vendor);
    if (known !== undefined) return known;
    const fresh = { calls: 0, retries: 0 };
    vendors.set(vendor, fresh);
    return fresh;
  }

  return {
    enter(vendor, isRetry) {
      const count = underWay(vendor);
      const retriesMax = Math.max(limits.concurrentMin, limits.share * (count.calls + 1));
      if (isRetry && count.retries + 1 > retriesMax) return undefined;
      count.calls++;
      if (isRetry) count.retries++;
      let open = true;
      return () => {
        if (!open) return;
        open = false;
        count.calls--;
        if (isRetry) count.retries--;
      };
    },
  };
}
