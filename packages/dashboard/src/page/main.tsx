import { render } from "preact";

import { App } from "./app.tsx";
import { followServer } from "./live-page.ts";

followServer();
render(<App />, document.body);
