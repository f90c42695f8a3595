// What does the public audit suite for GraphQL over HTTP say of the server? node audits.mjs HTTP-URL KEY

import { serverAudits } from "graphql-http";

const [url, key] = process.argv.slice(2);
const withKey = (input, init = {}) => fetch(input, {
  ...init,
  headers: { ...init.headers, Authorization: `Bearer ${key}` },
});
const results = [];
for (const fetchFn of [fetch, withKey]) {
  for (const audit of serverAudits({ url, fetchFn })) {
    const { status, name, reason = null } = await audit.fn();
    results.push({ id: audit.id, name, reason, status });
  }
}
console.log(JSON.stringify(results));
