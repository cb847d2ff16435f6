// Reads a JSON list of events on standard input; answers one verdict each: null, or why the SDK refuses it.
import { readFileSync } from "node:fs";
import { CloudEvent } from "cloudevents";
import spec from "cloudevents/dist/event/spec.js";

function verdict(event) {
  try {
    // On the event as it arrived: the constructor would fill in a missing id, time or specversion.
    if (spec.validateCloudEvent(event) !== true) return "not a CloudEvents 1.0 event";
    new CloudEvent(event).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(verdict)));
