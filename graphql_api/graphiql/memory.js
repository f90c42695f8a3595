// How does a record of one answer come into the next operation?
//
// Where a root field answers with a record, or a mutation's payload has one, its id is kept under the name of
// its kind, which is the first part of the id: quote_01jz8k… fills $quote, and its version $quoteVersion.

const KEY = "sales-api:remembered";
const KINDS = ["lead", "account", "contact", "opportunity", "product", "quote", "order", "invoice"];

/** Return what is kept: names of variables with their values. It lasts as long as the browser's tab. */
export function remembered() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
}

/** Forget all of it. */
export function forget() {
  sessionStorage.removeItem(KEY);
  show("");
}

/** Return the variables of an operation with the missing ones filled in, and show which are not known yet. */
export function filled(query, variables) {
  const known = remembered();
  const result = { ...variables };
  const unknown = [];
  for (const [, name, type] of withoutComments(query).matchAll(/\$(\w+)\s*:\s*([\w[\]!]+)/g)) {
    if (result[name] !== undefined) continue;
    if (known[name] !== undefined) result[name] = known[name];
    else if (type.endsWith("!") && KINDS.includes(name)) unknown.push("$" + name);
  }
  show(unknown.length ? `${unknown.join(", ")} is not known yet: run the steps before this one, or write an id into Variables.` : "");
  return result;
}

/** Keep the records of an answer. What a dry run answers with does not exist. */
export function remember(query, answer) {
  if (!answer?.data || /dryRun\s*:\s*true/.test(withoutComments(query))) return;
  const kept = remembered();
  for (const value of Object.values(answer.data)) {
    for (const record of [value, ...Object.values(value ?? {})]) {
      if (typeof record?.id !== "string" || !record.id.includes("_")) continue;
      const name = record.id.slice(0, record.id.lastIndexOf("_")).replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
      kept[name] = record.id;
      if (record.version === undefined) delete kept[name + "Version"];
      else kept[name + "Version"] = record.version;
    }
  }
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  show("");
}

/** Show the kinds of records in the page's bar, those that are known with their ids, and a hint. */
export function show(hint) {
  const kept = remembered();
  const chips = KINDS.map((kind) => {
    const chip = document.createElement("span");
    chip.textContent = "$" + kind;
    chip.title = kept[kind] ?? "not known yet";
    chip.classList.toggle("known", kept[kind] !== undefined);
    return chip;
  });
  document.getElementById("remembered").replaceChildren(...chips);
  document.getElementById("hint").textContent = hint;
}

function withoutComments(query) {
  return query.replace(/#[^\n]*/g, "");
}
