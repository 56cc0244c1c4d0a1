import { afterEach, describe, expect, test } from "vitest";
import { answerKind } from "../../engines/functions/answer-kind.ts";
import { startGateway, startWatchdog } from "./gateway.ts";
import { answerOf, arrivalOf, echo, NOWHERE, serversOfTest, situations } from "./situations.ts";
import { ARRIVALS, WHO_ANSWERS } from "./who-answers.ts";

const servers = serversOfTest();
const { keep, child } = servers;
afterEach(() => servers.close());

describe("who answers when a function does not", () => {
  const asked = situations(servers, startWatchdog, 10);
  test.each(WHO_ANSWERS)("$situation: $status by $answeredBy", async ({ situation, kind, ...answer }) => {
    expect(await answerOf(await asked[situation]())).toEqual(answer);
    expect(answerKind(answer.status, answer.answeredBy)).toBe(kind);
  });
});

describe("what a gateway makes of a request", () => {
  test.each(ARRIVALS)("%s arrives as %s", async (asked, arrives) => {
    const gateway = await keep(startGateway({ functions: { f: await child(echo) } }));
    expect(await arrivalOf(`${gateway.url}/function/f${asked}`)).toBe(arrives);
  });

  test("it says where the request came from, unless the client says so itself; bodies pass as they are", async () => {
    const gateway = await keep(startGateway({ functions: { f: await child(echo) } }));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const ask = async (headers: Record<string, string>) => {
      const url = `${gateway.url}/function/f/x`;
      const response = await fetch(url, { method: "POST", body: bytes, headers });
      return (await response.json()) as { body: string; headers: Record<string, string> };
    };
    const { body, headers } = await ask({});
    expect(Buffer.from(body, "latin1").equals(bytes)).toBe(true);
    expect(headers["x-forwarded-host"]).toBe(new URL(gateway.url).host);
    expect(headers["x-forwarded-for"]).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await ask({ "x-forwarded-for": "6.6.6.6" })).headers["x-forwarded-for"]).toBe("6.6.6.6");
  });

  test("a watchdog says that it is healthy when its child is gone", async () => {
    const { url } = await keep(startWatchdog({ functionUrl: NOWHERE }));
    expect((await fetch(`${url}/_/health`)).status).toBe(200);
  });
});
