// How does PostGraphile serve the benchmark's database? As its documentation says, in production mode.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [url, port] = process.argv.slice(2);
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: url, schemas: ["public"], poolConfig: { max: 10 } })],
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
});
const server = createServer();
server.on("error", (fault) => {
  console.error(fault);
  process.exit(1);
});
await instance.createServ(grafserv).addTo(server);
server.listen(Number(port), "127.0.0.1");
