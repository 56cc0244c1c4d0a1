// Runs after `npm install`, in plain JavaScript because any Node may install: npm 10 removes
// node_modules/.bin/node again, together with the packages for other systems that bring a command of the same
// name. With npm 11 this changes nothing.
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Links the Node that was installed for this system, if npm has not; on Windows a link won't do, and npm 11
 * is needed.
 */
export const linkNode = (modules, { platform, arch } = process) => {
  const name = `node-${platform}-${arch}`;
  const commands = join(modules, ".bin");
  if (platform === "win32" || !existsSync(join(modules, name, "bin/node"))) return;
  if (existsSync(join(commands, "node"))) return;
  mkdirSync(commands, { recursive: true });
  symlinkSync(join("..", name, "bin/node"), join(commands, "node"));
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  linkNode(join(import.meta.dirname, "../node_modules"));
}
