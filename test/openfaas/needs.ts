import { programOnPath } from "../program.ts";

/** A program that the tests of self-hosting start if it is on PATH. */
interface Need {
  readonly program: string;
  readonly for: string;
  /** How to get it. */
  readonly from: string;
}

export const NEEDS: readonly Need[] = [
  {
    program: "nats-server",
    for: "everything with a stream",
    from: "go install github.com/nats-io/nats-server/v2@v2.15.2, or Debian's package nats-server",
  },
  { program: "gateway", for: "the real gateway", from: "https://github.com/openfaas/faas" },
  { program: "of-watchdog", for: "the real watchdog", from: "https://github.com/openfaas/of-watchdog" },
  { program: "faas-cli", for: "the real reader of stack.yml", from: "https://github.com/openfaas/faas-cli" },
  { program: "kubectl", for: "the Kubernetes files", from: "https://kubernetes.io/docs/tasks/tools/" },
  { program: "caddy", for: "the Caddyfile", from: "https://caddyserver.com/docs/install" },
];

/** One line for each program: where it is, or what is skipped without it and where it can be had. */
export const reportNeeds = (find: (program: string) => string | undefined = programOnPath): string[] =>
  NEEDS.map(({ program, for: purpose, from }) => {
    const path = find(program);
    return path === undefined
      ? `${program} is not on PATH, so tests of ${purpose} are skipped; it comes from ${from}`
      : `${program}: ${path}`;
  });
