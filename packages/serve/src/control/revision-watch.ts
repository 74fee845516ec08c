/** Notices what commands change in the database while the server runs: domains, settings, tokens. */
import type { Store } from "../store/store.ts";

const intervalMs = 500;

/**
 * @param refresh called with each environment whose revision is newer than what was seen.
 * @param onWarning called with sentences for the operator.
 * @returns a function that ends the watch.
 */
export async function watchRevision(
  store: Store,
  refresh: (environmentSid: string) => Promise<void>,
  onWarning: (message: string) => void,
): Promise<() => void> {
  let seen = await currentRevision(store);
  let isBusy = false;
  const look = async (): Promise<void> => {
    const now = await currentRevision(store);
    if (now === seen) return;
    const changed = await store.selectFrom("environment").select("sid").where("revision", ">", seen).execute();
    seen = now;
    for (const { sid } of changed) {
      await refresh(sid).catch((error: unknown) => {
        onWarning(`The change of ${sid} is not served. ${(error as Error).message}`);
      });
    }
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void look()
      .catch(() => undefined)
      .finally(() => (isBusy = false));
  }, intervalMs);
  return () => clearInterval(timer);
}

async function currentRevision(store: Store): Promise<number> {
  const { n } = await store.selectFrom("revision").select("n").executeTakeFirstOrThrow();
  return n;
}
