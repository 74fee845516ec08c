/**
 * `npm run pack` packs the packages, as `npm publish` would send them, and prints how to install them.
 */
import { dirname } from "node:path";
import { packedPackages } from "./packed-packages.ts";

const archives = await packedPackages({ onPack: () => console.log("Packing takes up to a minute.") });
const [first = ""] = archives.values();
console.log(`Packed ${[...archives.keys()].join(", ")}.
To install them in a project:

  npm install --save-dev ${dirname(first)}/*.tgz`);
