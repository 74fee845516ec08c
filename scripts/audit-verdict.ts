/** Judges the output of `npm audit --json`. */

export interface AuditVerdict {
  readonly isSafe: boolean;
  /** For people. */
  readonly lines: readonly string[];
}

const grave = new Set(["high", "critical"]);

export function judgeAudit(answer: string): AuditVerdict {
  const found = weaknessesIn(answer);
  if (found === undefined) return { isSafe: true, lines: ["The registry answers no audits: nothing was checked."] };
  const lines = found.map(({ name, severity, range }) => `${severity}: ${name} ${range}`);
  if (lines.length === 0) lines.push("No weaknesses are known in what Offhook installs.");
  return { isSafe: !found.some(({ severity }) => grave.has(severity)), lines };
}

interface Weakness {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
}

/** Undefined if there was no audit: no network, or a registry without advisories. */
function weaknessesIn(answer: string): Weakness[] | undefined {
  try {
    const { vulnerabilities } = JSON.parse(answer) as { vulnerabilities?: Record<string, Weakness> };
    return vulnerabilities && Object.values(vulnerabilities);
  } catch {
    return undefined;
  }
}
