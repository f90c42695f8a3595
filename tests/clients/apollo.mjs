// Does Apollo Client carry a deal through? node apollo.mjs HTTP-URL WEBSOCKET-URL KEY
//
// Commands and questions go over HTTP, the subscription over graphql-ws. It prints what the test compares.

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { CARD, documents } from "./deal.mjs";

const [http, socket, key] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${key}` };
const sockets = createClient({ url: socket, connectionParams: headers });
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ query }) => getMainDefinition(query).operation === "subscription",
    new GraphQLWsLink(sockets),
    new HttpLink({ uri: http, headers }),
  ),
});

/** Run a command and return its payload, which has no errors. */
async function step(name, input) {
  const { data } = await client.mutate({ mutation: documents[name], variables: { input } });
  const [payload] = Object.values(data);
  if (payload.userErrors.length) throw new Error(JSON.stringify(payload.userErrors));
  return payload;
}

const heard = [];
const watching = client.subscribe({ query: documents.Watch }).subscribe({
  next: ({ data }) => heard.push(data.events.event.name),
});
// The protocol does not acknowledge a subscription: it is there when its first event comes.
while (!heard.length) {
  await step("CaptureLead", { ...CARD, email: "somebody@horak-glass.example" });
  await new Promise((resolve) => setTimeout(resolve, 200));
}

const { lead } = await step("CaptureLead", CARD);
await step("RecordQualification", { id: lead.id, interest: true, purchasingPower: true });
const { opportunity } = await step("QualifyLead", { id: lead.id });
await step("AddLine", {
  id: opportunity.id, expectedVersion: opportunity.version,
  description: "Cooling pump", quantity: "4", pricePerUnit: "250.50", taxPercent: "21",
});
const { quote } = await step("GenerateQuote", { id: opportunity.id });
await step("ActivateQuote", { id: quote.id });
const { revision } = await step("ReviseQuote", { id: quote.id });
await step("UpdateQuote", { id: revision.id, expectedVersion: revision.version, discountAmount: "2.00" });
await step("ActivateQuote", { id: revision.id });
const { order } = await step("AcceptQuote", { id: revision.id });
const again = await step("AcceptQuote", { id: revision.id });
const address = { line1: "Sklarska 9", postalCode: "46601", city: "Jablonec", countryCode: "CZ" };
await step("SubmitOrder", { id: order.id, billTo: address });
await step("FulfillOrder", { id: order.id });
const { invoice } = await step("InvoiceOrder", { id: order.id });
await step("IssueInvoice", { id: invoice.id });
const paid = await step("RecordPayment", { id: invoice.id, amount: invoice.total.amount });
const { data } = await client.query({ query: documents.Story, variables: { lead: lead.id } });
watching.unsubscribe();
await sockets.dispose();

console.log(JSON.stringify({
  accepted: { isSameOrder: again.order.id === order.id, alreadyDone: again.alreadyDone },
  // The cache knows each record by its type and id, whichever operation brought it.
  cached: client.cache.extract()[`Invoice:${invoice.id}`].status,
  heard: heard.filter((name, index) => heard.indexOf(name) === index),
  offered: quote.total,
  paid: paid.invoice,
  story: data.lead,
}));
