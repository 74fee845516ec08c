import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { SendRequest, SendResult } from "../api.ts";
import { api } from "./api-client.ts";
import type { ViewName } from "./hash-route.ts";
import { LazyPhone } from "./lazy-phone.tsx";
import { store, useSelected } from "./live-page.ts";
import { Notices } from "./notices.tsx";
import { ProjectView } from "./project/project-view.tsx";
import { RequestsView } from "./requests/requests-view.tsx";
import { signedIfPossible } from "./signing.ts";
import { SimulatorView } from "./simulator/simulator-view.tsx";
import { TopBar } from "./top-bar.tsx";
import { useRoute } from "./use-route.ts";

export function App(): VNode {
  const route = useRoute();
  const name = useSelected(({ project }) => project?.name);
  // Views stay mounted, so that a call in progress and a half-filled form are still there when the user comes back.
  const visited = useRef(new Set<ViewName>());
  visited.current.add(route.view);
  useEffect(() => {
    document.title = `${titles[route.view]} – ${name ?? "Offhook"}`;
  }, [route.view, name]);
  const has = (view: ViewName): boolean => visited.current.has(view);
  return (
    <>
      <TopBar view={route.view} />
      <Notices />
      <main>
        <section class="view scrolled" hidden={route.view !== "requests"} aria-label="Requests">
          <RequestsView
            isShown={route.view === "requests"}
            id={route.view === "requests" ? route.id : undefined}
            linkedFilter={route.view === "requests" ? route.filter : undefined}
          />
        </section>
        {has("simulator") && (
          <section class="view scrolled" hidden={route.view !== "simulator"} aria-label="Simulator">
            <SimulatorView route={route.view === "simulator" ? route : undefined} />
          </section>
        )}
        {has("phone") && (
          <div class="view scrolled" hidden={route.view !== "phone"}>
            <LazyPhone route={route.view === "phone" ? route : undefined} send={sendFromPhone} />
          </div>
        )}
        {has("project") && (
          <section class="view scrolled" hidden={route.view !== "project"} aria-label="Project">
            <ProjectView />
          </section>
        )}
      </main>
    </>
  );
}

function sendFromPhone(request: SendRequest): Promise<SendResult> {
  return api.send(signedIfPossible(request, store.state().project));
}

const titles: Readonly<Record<ViewName, string>> = {
  requests: "Requests",
  simulator: "Simulator",
  phone: "Phone",
  project: "Project",
};
