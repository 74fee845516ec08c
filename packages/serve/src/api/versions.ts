/** Operations on versions: their list, their content, and uploads (contract rows 160 to 162). */
import type { MultipartFile } from "@fastify/multipart";
import { text } from "node:stream/consumers";
import { ArtefactTooLarge } from "../artefacts/artefact-store.ts";
import type { ResourceKind } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import { ApiError, invalidParameter } from "../api-error.ts";
import { findResource, findService, findVersion, missing } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { versionReply } from "./replies.ts";
import { readUploadName } from "./upload-path.ts";

/** Bytes of the content (contract §13). */
const maxFunctionBytes = 10 * 2 ** 20;
const maxAssetBytes = 25 * 2 ** 20;
const maxPrivateAssetBytes = 10 * 2 ** 20;
const maxContentType = 255;

const names = { function: "Function", asset: "Asset" } as const;

export const versionOperations: readonly Operation[] = [
  ...operationsOf("function", "function_versions"),
  ...operationsOf("asset", "asset_versions"),
  {
    id: "FetchFunctionVersionContent",
    method: "GET",
    path: "/v1/Services/:service/Functions/:resource/Versions/:version/Content",
    run: fetchContent,
  },
];

function operationsOf(kind: ResourceKind, key: "function_versions" | "asset_versions"): Operation[] {
  const name = names[kind];
  const path = `/v1/Services/:service/${name}s/:resource/Versions`;
  return [
    {
      id: `List${name}Versions`,
      method: "GET",
      path,
      run: async (call) => {
        const service = await findService(call);
        const resource = await findResource(call, service, kind);
        return await listReply(call, {
          key,
          path: `/v1/Services/${service.sid}/${name}s/${resource.sid}/Versions`,
          rows: (page) =>
            pageOf(
              call.context.store.selectFrom("version").selectAll().where("resource_sid", "=", resource.sid),
              "version",
              page,
            ).execute(),
          placeOf: ({ created_at: at, sid }) => ({ at, sid }),
          replyOf: (row) => versionReply(row, service.account_sid, call.links),
        });
      },
    },
    { id: `Create${name}Version`, method: "POST", path, takesUpload: true, run: (call) => upload(call, kind) },
    {
      id: `Fetch${name}Version`,
      method: "GET",
      path: `${path}/:version`,
      run: async (call) => {
        const service = await findService(call);
        const row = await findVersion(call, await findResource(call, service, kind));
        return { status: 200, body: versionReply(row, service.account_sid, call.links) };
      },
    },
  ];
}

async function fetchContent(call: Call): Promise<Reply> {
  const service = await findService(call);
  const version = await findVersion(call, await findResource(call, service, "function"));
  const isHidden = call.principal.role === "reader";
  const content = isHidden ? null : await text(await call.context.artefacts.get(version.content_sha256));
  return {
    status: 200,
    body: {
      sid: version.sid,
      account_sid: service.account_sid,
      service_sid: service.sid,
      function_sid: version.resource_sid,
      content,
      url: `${call.links.resource(service.sid, "function", version.resource_sid)}/Versions/${version.sid}/Content`,
    },
  };
}

interface Upload {
  readonly fields: Map<string, string>;
  stored: { readonly sha256: string; readonly bytes: number; readonly contentType: string } | undefined;
}

/** The file name of the part is not used: clients send only its last segment. */
async function upload(call: Call, kind: ResourceKind): Promise<Reply> {
  const { context, links, note } = call;
  const service = await findService(call);
  const resource = await findResource(call, service, kind);
  const { fields, stored } = await readUpload(call, kind);
  const path = requireField(fields, "Path");
  const { visibility, path: served } = readUploadName(kind, path, requireField(fields, "Visibility"));
  if (stored === undefined) throw invalidParameter("Content is required: the file, as a part with a file name.");
  if (kind === "asset" && visibility === "private" && stored.bytes > maxPrivateAssetBytes) {
    throw tooLarge("A private asset", maxPrivateAssetBytes);
  }
  const row = await context.store.transaction().execute(async (transaction) => {
    // The resource may have been deleted during the upload.
    const found = await transaction
      .selectFrom("resource")
      .select("sid")
      .where("sid", "=", resource.sid)
      .executeTakeFirst();
    if (found === undefined) missing(kind, resource.sid);
    return await transaction
      .insertInto("version")
      .values({
        sid: newSid("ZN"),
        service_sid: service.sid,
        resource_sid: resource.sid,
        kind,
        path: served,
        visibility,
        content_sha256: stored.sha256,
        bytes: stored.bytes,
        content_type: stored.contentType,
        created_at: context.clock.next(),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  note(row.sid);
  return { status: 201, body: versionReply(row, service.account_sid, links) };
}

async function readUpload(call: Call, kind: ResourceKind): Promise<Upload> {
  const result: Upload = { fields: new Map(), stored: undefined };
  for await (const part of call.parts()) {
    if (part.kind === "field") {
      if (result.fields.has(part.name)) throw invalidParameter(`${part.name} was sent twice. Send it once.`);
      result.fields.set(part.name, part.value);
    } else if (part.name === "Content" && result.stored === undefined) {
      result.stored = await store(call, kind, part.file);
    } else {
      throw invalidParameter("An upload has one file, in the field Content.");
    }
  }
  return result;
}

async function store({ context }: Call, kind: ResourceKind, file: MultipartFile): Promise<Upload["stored"]> {
  const what = kind === "function" ? "A function" : "An asset";
  const limit = kind === "function" ? maxFunctionBytes : maxAssetBytes;
  try {
    const stored = await context.artefacts.put(file.file, limit);
    return { ...stored, contentType: file.mimetype.slice(0, maxContentType) };
  } catch (error) {
    if (error instanceof ArtefactTooLarge) throw tooLarge(what, limit);
    throw error;
  }
}

function requireField(fields: ReadonlyMap<string, string>, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === "") throw invalidParameter(`${name} is required, as a field of the form.`);
  return value;
}

function tooLarge(what: string, bytes: number): ApiError {
  return new ApiError({ status: 413, code: 20413, message: `${what} may have at most ${bytes / 2 ** 20} MB.` });
}
