import { createServer } from "node:net";
import { expect, test } from "vitest";
import { checkPort, freePorts } from "./ports.ts";

test("free ports are all different, and free", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) await checkPort(port);
});

test("a port that is in use is named", async () => {
  const server = createServer();
  const [port] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  try {
    await expect(checkPort(port)).rejects.toThrow(`port ${port} is in use`);
  } finally {
    server.close();
  }
});
