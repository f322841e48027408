// Reads a DaemonSet as JSON on stdin and prints what the schema of the
// Kubernetes API has against it, a line each. The schema lets unknown fields
// pass; they are those that its validator never looks at.
import fs from "node:fs";
import { DaemonSet } from "kubernetes-models/apps/v1";

const unread = new Set();
function watched(value, path) {
  if (value === null || typeof value !== "object") return value;
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value)) unread.add(`${path}/${key}`);
    value[key] = watched(value[key], `${path}/${key}`);
  }
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === "string") unread.delete(`${path}/${key}`);
      return target[key];
    },
  });
}

const object = new DaemonSet(JSON.parse(fs.readFileSync(0, "utf-8")));
for (const key of Object.keys(object)) object[key] = watched(object[key], `/${key}`);
try {
  object.validate();
} catch (error) {
  console.log(error.message);
}
for (const path of unread) console.log(`${path} is not a field`);
