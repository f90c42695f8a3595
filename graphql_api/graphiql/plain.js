// What does the explorer look like where GraphiQL's files could not be fetched? A form.

import { filled, forget, remember, show } from "./memory.js";

const element = (id) => document.getElementById(id);
const [operations, headers] = await Promise.all(
  ["/graphiql/operations.json", "/graphiql/headers.json"].map(async (path) => (await fetch(path)).json()),
);
let close = null;

/** Show an example in the form. */
function choose() {
  const { query, variables } = operations[element("operation").selectedIndex];
  element("query").value = query;
  element("variables").value = variables ?? "";
  element("answer").textContent = "";
  show("");
}

function answered(value) {
  element("answer").textContent += (element("answer").textContent && "\n\n") + JSON.stringify(value, null, 2);
}

/** Send an operation by HTTP. */
async function ask(request, given) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...given },
    body: JSON.stringify(request),
  });
  const answer = await response.json();
  remember(request.query, answer);
  answered(answer);
}

/** Subscribe over a WebSocket with the protocol graphql-transport-ws, until someone presses Stop. */
function subscribe(request, given) {
  const address = new URL("/graphql", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, "graphql-transport-ws");
  const tell = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => tell({ type: "connection_init", payload: given });
  socket.onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === "connection_ack") tell({ type: "subscribe", id: "1", payload: request });
    else if (type === "ping") tell({ type: "pong" });
    else if (type === "next") answered(payload);
    else if (type === "error") answered({ errors: payload });
    else if (type === "complete") socket.close(1000);
  };
  socket.onclose = ({ code, reason }) => {
    if (code !== 1000) answered({ closed: code, reason });
    element("stop").disabled = true;
    close = null;
  };
  element("stop").disabled = false;
  close = () => socket.close(1000);
}

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  close?.();
  element("answer").textContent = "";
  try {
    const query = element("query").value;
    const variables = JSON.parse(element("variables").value || "{}");
    const given = JSON.parse(element("headers").value || "{}");
    const request = { query, variables: filled(query, variables) };
    const isSubscription = /^\s*subscription\b/m.test(query);
    await (isSubscription ? subscribe : ask)(request, given);
  } catch (fault) {
    answered({ error: String(fault) });
  }
});
element("stop").addEventListener("click", () => close?.());
element("start-over").addEventListener("click", () => {
  forget();
  element("operation").selectedIndex = 0;
  choose();
});
element("operation").addEventListener("change", choose);
element("operation").replaceChildren(...operations.map(({ name }, index) => new Option(`${index + 1} ${name}`)));
element("headers").value = JSON.stringify(headers, null, 2);
choose();
