// Loaded before every entry point, in plain JavaScript, so that an old Node prints a sentence and not a stack
// trace.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `backtrack: Node ${process.versions.node} can't run TypeScript; Node 24 is needed. ` +
      "`npm install` brings it for Linux, Windows and Intel Macs; elsewhere install Node 24 from nodejs.org.\n",
  );
  process.exit(1);
}
