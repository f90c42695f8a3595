// Does graphql-ws find the protocol as it knows it? node socket.mjs WEBSOCKET-URL KEY
//
// One socket takes questions, commands, mistakes and a subscription. It prints what the test compares.

import { createClient } from "graphql-ws";
import { CARD, texts } from "./deal.mjs";

const [url, key] = process.argv.slice(2);
const client = createClient({ url, connectionParams: { Authorization: `Bearer ${key}` }, lazy: false, retryAttempts: 0 });
let opened = 0;
client.on("connected", () => { opened += 1; });

/** Return the only answer to an operation, or the errors that it was refused with. */
async function ask(request) {
  try {
    for await (const answer of client.iterate(request)) return answer;
    return "completed without an answer";
  } catch (errors) {
    return { refused: errors.map(({ extensions }) => extensions.code) };
  }
}

const viewer = await ask({ query: "{ viewer { name role } }" });
const command = await ask({ query: texts.CaptureLead, variables: { input: CARD } });
const mistakes = [
  await ask({ query: "{ viewer { nmae } }" }),
  await ask({ query: "{ viewer" }),
  await ask({ query: texts.Story }),
];

const events = client.iterate({ query: texts.Watch });
const first = events.next();
let isThere = false;
first.then(() => { isThere = true; });
while (!isThere) {
  await ask({ query: texts.CaptureLead, variables: { input: CARD } });
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const event = (await first).value.data.events.event;
await events.return();
const after = await ask({ query: "{ viewer { role } }" });
await client.dispose();

/** Return the code that a socket with another key is closed with. */
function closedWith(connectionParams) {
  return new Promise((resolve) => {
    const stranger = createClient({ url, connectionParams, lazy: false, retryAttempts: 0, onNonLazyError: () => {} });
    stranger.on("closed", ({ code }) => resolve(code));
  });
}

console.log(JSON.stringify({
  after: after.data,
  command: command.data.captureLead.lead.source,
  event: event.name,
  mistakes,
  opened,
  stranger: await closedWith({ Authorization: "Bearer sales_0000" }),
  viewer: viewer.data,
}));
