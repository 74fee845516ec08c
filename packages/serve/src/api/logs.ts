/** Operations on log lines (contract rows 176 to 180). */
import { sql } from "kysely";
import { invalidParameter } from "../api-error.ts";
import { findEnvironment, findService, missing } from "./lookup.ts";
import type { Operation } from "./operation.ts";
import { listReply } from "./paging.ts";
import { logReply } from "./replies.ts";

const dayMs = 24 * 60 * 60_000;
/** Lines that one query finds, on all pages together. */
const maxLines = 10_000;
const path = "/v1/Services/:service/Environments/:environment/Logs";

export const logOperations: readonly Operation[] = [
  {
    id: "ListLogs",
    method: "GET",
    path,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      const functionSid = call.query.text("FunctionSid", { max: 100 });
      const now = Date.now();
      const end = call.query.time("EndDate") ?? now + dayMs;
      const start = call.query.time("StartDate") ?? Math.min(now, end) - dayMs;
      if (start > end) throw invalidParameter("StartDate must not be later than EndDate.");
      return await listReply(call, {
        key: "logs",
        path: `/v1/Services/${environment.service_sid}/Environments/${environment.sid}/Logs`,
        filters: ["FunctionSid", "StartDate", "EndDate"],
        rows: async ({ size, page, after }) => {
          const left = maxLines - page * size;
          if (left <= 0) return [];
          let query = call.context.store
            .selectFrom("log")
            .selectAll()
            .where("environment_sid", "=", environment.sid)
            .where("at", ">=", start)
            .where("at", "<=", end)
            .orderBy("at", "desc")
            .orderBy("seq", "desc")
            .limit(Math.min(size + 1, left));
          if (functionSid !== undefined && functionSid !== "") query = query.where("function_sid", "=", functionSid);
          if (after === undefined) return await query.offset(page * size).execute();
          // Lines of one millisecond keep their order, so the place is that of the line itself.
          const seq = call.context.store.selectFrom("log").select("seq").where("sid", "=", after.sid);
          return await query.where(sql<boolean>`(at, seq) < (${after.at}, coalesce((${seq}), 0))`).execute();
        },
        placeOf: ({ at, sid }) => ({ at, sid }),
        replyOf: (row) => logReply(row, call.links),
      });
    },
  },
  {
    id: "FetchLog",
    method: "GET",
    path: `${path}/:log`,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      const sid = call.path["log"] ?? "";
      const row = await call.context.store
        .selectFrom("log")
        .selectAll()
        .where("environment_sid", "=", environment.sid)
        .where("sid", "=", sid)
        .executeTakeFirst();
      if (row === undefined) missing("log line", sid);
      return { status: 200, body: logReply(row, call.links) };
    },
  },
];
