// How is GraphiQL set up? With our operations as its tabs, and the key that this server gives it.
/* global GraphiQL, React, ReactDOM */

import { filled, forget, remember, show } from "./memory.js";

const [operations, headers] = await Promise.all(
  ["/graphiql/operations.json", "/graphiql/headers.json"].map(async (path) => (await fetch(path)).json()),
);

const ownHeaders = JSON.stringify(headers, null, 2);
const socket = new URL("/graphql", location.href);
socket.protocol = socket.protocol.replace("http", "ws");
const send = GraphiQL.createFetcher({
  url: "/graphql",
  subscriptionUrl: socket.href,
  // The server answers at once; asked for parts, it would have to be asked for another media type.
  enableIncrementalDelivery: false,
});

/** Send an operation with what is remembered, and remember what its answer has. */
async function fetcher(request, options) {
  if (request.operationName === "IntrospectionQuery") return send(request, options);
  const { query } = request;
  // For a moment after a change of tabs, GraphiQL still names the other tab's operation.
  const named = [...query.matchAll(/^\s*(?:query|mutation|subscription)\s+(\w+)/gm)].map(([, name]) => name);
  const operationName = named.length === 1 ? named[0] : request.operationName;
  const answer = await send({ ...request, operationName, variables: filled(query, request.variables) }, options);
  // A subscription is a stream of answers, about records that others work on.
  if (!answer[Symbol.asyncIterator]) remember(query, answer);
  return answer;
}

// GraphiQL writes its history with the headers of each request: it is kept as long as the page, and no longer.
const history = new Map();
let isOver = false;
const isHistory = (name) => /:(queries|favorites)$/.test(name);
const storage = {
  get length() { return localStorage.length; },
  clear: () => { history.clear(); localStorage.clear(); },
  getItem: (name) => (isHistory(name) ? (history.get(name) ?? null) : localStorage.getItem(name)),
  removeItem: (name) => { if (!history.delete(name)) localStorage.removeItem(name); },
  setItem: (name, value) => {
    if (isOver) return;
    if (isHistory(name)) history.set(name, value); else localStorage.setItem(name, value);
  },
};

document.getElementById("start-over").addEventListener("click", () => {
  forget();
  const kept = Object.keys(localStorage).filter((name) => name.startsWith("graphiql:") && name !== "graphiql:theme");
  // GraphiQL writes its tabs and its text down a moment after they changed, up to when the page is gone.
  isOver = true;
  kept.forEach((name) => localStorage.removeItem(name));
  location.reload();
});

show("");
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: operations.map(({ query, variables }) => ({ query, variables, headers: ownHeaders })),
    defaultHeaders: ownHeaders,
    defaultEditorToolsVisibility: "variables",
    // The key stays in the page: it is not written to the disk of whoever looks at it.
    shouldPersistHeaders: false,
    schemaDescription: true,
    storage,
  }),
);
