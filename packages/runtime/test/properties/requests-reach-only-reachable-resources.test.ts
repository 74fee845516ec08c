/** Paths (contract rows 12 to 21, 126, 127): from files to paths, and from the bytes of a target to a resource. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createRoutes } from "../../src/gateway/routes.ts";
import { originFormOf } from "../../src/gateway/target.ts";
import { nameAsset, nameFunction, remarksOn } from "../../src/project/resource-name.ts";
import type { AssetResource, FunctionResource, Visibility } from "../../src/service.ts";
import { holds, hostileBytesText, hostileText } from "./property.ts";

const segment = fc.oneof(
  fc.constantFrom("a", "B", "sms", "index.html", "assets", "a b", "\u00fc", "\u{1f600}", "a%20b", "x?y", "x#y", "%2e"),
  fc.stringMatching(/^[A-Za-z0-9._-]{1,6}$/).filter((name) => name !== "." && name !== ".."),
  hostileText
    .map((text) => text.replaceAll(/[/\0]/g, "").slice(0, 20))
    .filter((name) => name !== "" && !/^\.\.?$/.test(name)),
);
const place = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const visibility = fc.constantFrom<Visibility>("public", "protected", "private");
const service = fc.record({
  functions: fc.array(
    fc.tuple(place, visibility).map(([name, seen]): FunctionResource => {
      return { kind: "function", path: `/${name}`, name, file: `/project/functions/${name}.js`, visibility: seen };
    }),
  ),
  assets: fc.array(
    fc.tuple(place, visibility).map(([name, seen]): AssetResource => {
      return { kind: "asset", path: `/${name}`, file: `/project/assets/${name}`, visibility: seen };
    }),
  ),
});

/** The path without its query, as the table of routes gets it, for a target of any form. */
function pathOf(target: string): string {
  return originFormOf(target).split("?", 1)[0] ?? "";
}

test("a target finds a reachable resource by that resource's one path, or nothing", () => {
  const spelled = service.chain((made) => {
    const paths = [...made.functions, ...made.assets].map(({ path }) => path);
    const target = fc
      .tuple(
        fc.constantFrom("", "http://h", "https://h:1", "http://"),
        fc.constantFrom("/", ...paths),
        hostileBytesText,
        fc.nat(7),
      )
      .map(([before, path, text, how]) => before + respelled(path, text, how));
    return fc.tuple(fc.constant(made), fc.oneof(target, hostileBytesText));
  });
  holds(
    fc.property(spelled, ([made, target]) => {
      const routes = createRoutes(made);
      const path = pathOf(target);
      const found = routes.get(path);
      if (found === undefined) return;
      assert.notEqual(found.visibility, "private");
      assert.ok([...made.functions, ...made.assets].includes(found), "a resource of the table");
      const own = [found.path, encodeURI(found.path.toWellFormed()).replaceAll("?", "%3F").replaceAll("#", "%23")];
      if (path === "/" && found.path === "/assets/index.html") return;
      assert.ok(own.includes(path), `${target} led to ${found.path}`);
    }),
    1_000,
  );
});

/** Spellings of the path that an attacker might try. */
function respelled(path: string, text: string, how: number): string {
  const spellings = [
    path,
    encodeURI(path.toWellFormed()),
    `${path}?${text}`,
    `${path}/`,
    `/${path}`,
    `/x/..${path}`,
    path.replaceAll(/[a-z.]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    path + text,
  ];
  return spellings[how] ?? path;
}

test("every reachable resource is found by the path that a browser sends", () => {
  holds(
    fc.property(service, (made) => {
      const routes = createRoutes(made);
      const reachable = [...made.functions, ...made.assets].filter((each) => each.visibility !== "private");
      for (const { path } of reachable) {
        if (!path.isWellFormed() || path.includes("?") || path.includes("#")) continue;
        assert.notEqual(routes.get(encodeURI(path)), undefined, path);
      }
    }),
    400,
  );
});

test("a file marked as private gets only a private path", () => {
  const file = fc
    .tuple(
      place,
      fc.constantFrom("", ".private", ".protected", ".PRIVATE", ".private.protected"),
      fc.constantFrom("", ".js", ".mjs", ".png", ".d.ts"),
    )
    .map((parts) => parts.join(""));
  holds(
    fc.property(file, (relative) => {
      for (const [kind, name] of [
        ["function", nameFunction(relative)],
        ["asset", nameAsset(relative)],
      ] as const) {
        if (name === undefined) continue;
        assert.ok(name.path.startsWith("/") && !/\s/.test(name.path), name.path);
        assert.equal(name.path.split("/").length, relative.split("/").length + 1, "as deep as the file");
        const last = relative.slice(relative.lastIndexOf("/") + 1);
        if (/\.private(\.(?!protected$)[^.]*)?$/.test(last) && (kind === "asset" || /\.private\.[cm]?js$/.test(last))) {
          assert.equal(name.visibility, "private", relative);
        }
        for (const remark of remarksOn(relative, name)) assert.equal(typeof remark, "string");
      }
    }),
    1_000,
  );
});
