// Reads an AsyncAPI document on standard input; answers the parser's diagnostics and what it understood.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const operations = document?.operations().all() ?? [];
process.stdout.write(
  JSON.stringify({
    diagnostics: diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join("/") })),
    version: document?.version() ?? null,
    channels: document?.channels().all().map((channel) => channel.address()) ?? [],
    messages: document?.components().messages().all().map((message) => message.name()) ?? [],
    sends: operations.filter((operation) => operation.isSend()).map((operation) => operation.id()),
    receives: operations.filter((operation) => operation.isReceive()).map((operation) => operation.id()),
  }),
);
