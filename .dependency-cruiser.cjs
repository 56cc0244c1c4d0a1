/** The dependency rule of docs/decisions/0001: which folder can import which. Checked by `npm run imports`. */
module.exports = {
  forbidden: [
    {
      name: "core-imports-nothing-outside",
      comment: "lib/core is pure: no SDK, no middy, no node: module, nothing of the other folders.",
      severity: "error",
      from: { path: "^lib/core/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^lib/core/" },
    },
    {
      name: "adapters-import-core-and-sdks",
      severity: "error",
      from: { path: "^lib/adapters/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(lib/runtime|functions|engines|hosts|infra|test|bench)/" },
    },
    {
      name: "formats-import-core-and-libraries",
      comment: "A format reads and writes bytes; fetching and storing them is done elsewhere.",
      severity: "error",
      from: { path: "^lib/(formats|protocols)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(lib/adapters|lib/runtime|functions|engines|hosts|infra|test|bench)/" },
    },
    {
      name: "resources-are-data",
      comment: "Every function is bundled with them: they import the core alone.",
      severity: "error",
      from: { path: "^lib/resources/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^lib/(core|resources)/" },
    },
    {
      name: "hosts-make-events-and-nothing-else",
      severity: "error",
      from: { path: "^hosts/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(lib/adapters|functions|engines|infra|test|bench)/" },
    },
    {
      name: "engines-know-no-stack",
      comment: "Engines are production code of every home: what differs between homes is handed to them.",
      severity: "error",
      from: { path: "^engines/", pathNot: "\\.test\\.ts$|/testing" },
      to: { path: "^(functions|infra|test|bench)/" },
    },
    {
      name: "runtime-imports-core-and-middy",
      severity: "error",
      from: { path: "^lib/runtime/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(lib/adapters|lib/formats|lib/protocols|functions|engines|hosts|infra|test|bench)/" },
    },
    {
      name: "a-function-never-imports-another",
      severity: "error",
      from: { path: "^functions/([^/]+/[^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^functions/[^/]+/[^/]+/", pathNot: "^functions/$1/" },
    },
    {
      name: "functions-stay-out-of-infra-and-tests",
      severity: "error",
      from: { path: "^functions/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(engines|hosts|infra|test|bench)/" },
    },
    {
      name: "the-manifest-never-loads-a-handler",
      severity: "error",
      from: { path: ["^functions/[^/]+\\.ts$", "^functions/[^/]+/[^/]+\\.ts$"] },
      to: { path: "^functions/[^/]+/[^/]+/(?!definition\\.ts)" },
    },
    {
      name: "infra-and-tools-read-the-manifest-never-handlers",
      severity: "error",
      from: { path: "^(infra|engines|hosts)/" },
      to: { path: "^functions/[^/]+/[^/]+/" },
    },
    {
      name: "engine-and-store-know-no-home",
      comment: "They run on a laptop and self-hosted alike.",
      severity: "error",
      from: { path: "^infra/(engine|store)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^infra/(local|openfaas|aws)/" },
    },
    {
      name: "what-is-deployed-needs-no-development-packages",
      comment: "The image of engine and store holds `dependencies` alone.",
      severity: "error",
      from: {
        path: "^(lib|functions|hosts|engines|infra/(engine|store|command))/",
        pathNot: "\\.test\\.ts$|/testing",
      },
      to: { dependencyTypes: ["npm-dev"], pathNot: "^node_modules/@types/" },
    },
    {
      name: "only-tests-import-test-helpers",
      severity: "error",
      from: {
        path: "^(lib|functions|engines|hosts|infra)/",
        pathNot: "\\.test\\.ts$|^engines/[^/]+/testing",
      },
      to: { path: "^test/" },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    moduleSystems: ["es6"],
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
