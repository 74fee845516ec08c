/** The objects that operations use. */
import type { ArtefactStore } from "../artefacts/artefact-store.ts";
import type { Builder } from "../builds/builder.ts";
import type { Deployer } from "../deployments/deployer.ts";
import type { MasterKey } from "../secrets/sealing.ts";
import type { Clock } from "../store/clock.ts";
import type { Store } from "../store/store.ts";
import type { ServeSettings } from "../link/serve-settings.ts";

export interface ApiContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly artefacts: ArtefactStore;
  readonly builder: Builder;
  readonly deployer: Deployer;
  readonly settings: ServeSettings;
}
