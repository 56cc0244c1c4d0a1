import { sweepTurnsContract } from "../../../test/contracts/sweep-turns.contract.ts";
import { memorySweepTurns } from "./sweep-turns.ts";

sweepTurnsContract("memorySweepTurns", async () => memorySweepTurns());
