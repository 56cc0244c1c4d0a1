// serverless-offline imports a .js module natively, and a .ts one through a transpiler that Node 24 does not
// need.
export { handlers } from "./handlers.ts";
