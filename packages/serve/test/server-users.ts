/**
 * A server of root runs its parts as users of their own. They may not enter every checkout. In such a checkout, the
 * servers of the tests run everything as root.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { mayEnter, serviceUsers } from "@offhook/runtime/internal/isolate-user";

const users = serviceUsers();
const programs = [fileURLToPath(new URL(".", import.meta.url)), dirname(process.execPath)];

/** Whether functions and the control process run as users of their own. */
export const hasOwnUsers = users !== undefined && programs.every((folder) => mayEnter(users.service, folder));

/** For the runtime's setting `isolateUser`. */
export const isolateUser = users !== undefined && !hasOwnUsers ? "same" : "auto";
