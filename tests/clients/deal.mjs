// Which operations does a deal take? Those of deal.graphql, by name.

import { readFileSync } from "node:fs";
import { parse, print, separateOperations } from "graphql";

const file = new URL("deal.graphql", import.meta.url);

/** Documents by the name of their operation. */
export const documents = separateOperations(parse(readFileSync(file, "utf8")));

/** Texts by the name of their operation. */
export const texts = Object.fromEntries(Object.entries(documents).map(([name, document]) => [name, print(document)]));

export const CARD = {
  source: "BUSINESS_CARD",
  firstName: "Ivo",
  lastName: "Horak",
  companyName: "Horak Glass",
  email: "ivo@horak-glass.example",
};
