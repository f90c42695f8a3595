// Does Apollo Client ask by hash, and register what the server does not know? node hashes.mjs HTTP-URL KEY
//
// It prints the requests as they went out, and what came back.

import { createHash } from "node:crypto";
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { createPersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [uri, key] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const sent = [];

/** Send a request, and note how it went out and what it was told. */
async function noted(url, options) {
  const response = await fetch(url, options);
  const parts = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(url).searchParams);
  const told = await response.clone().json();
  sent.push({
    method: options.method,
    hasText: "query" in parts,
    code: told.errors?.[0].extensions.code ?? null,
    isTagged: response.headers.has("etag"),
  });
  return response;
}

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(
    new HttpLink({ uri, fetch: noted, headers: { Authorization: `Bearer ${key}` } }),
  ),
});
const query = gql`query Who { viewer { name role } }`;
const answers = [];
for (let time = 0; time < 3; time += 1) {
  const { data } = await client.query({ query, fetchPolicy: "no-cache" });
  answers.push(data.viewer.role);
}
console.log(JSON.stringify({ sent, answers }));
