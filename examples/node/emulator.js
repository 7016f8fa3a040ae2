// Starts the emulator for the tests, and stops it at the end.
// The program is `patch-manager-emulator`, or what the variable PATCH_MANAGER_EMULATOR names.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export class Emulator {
  // Starts it on a free port, and leads the SDK there. Its clock goes on by request only.
  async start() {
    const name = process.env.PATCH_MANAGER_EMULATOR ?? "patch-manager-emulator";
    this.process = spawn(name, ["--speed", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(this.process, "spawn");
    for await (const line of createInterface({ input: this.process.stdout })) {
      const [variable, value] = line.replace(/^export /, "").split("=");
      process.env[variable] = value;
      if (variable === "AWS_SECRET_ACCESS_KEY") return;
    }
    throw new Error(`${name} did not start`);
  }

  async stop() {
    const exit = once(this.process, "exit");
    this.process.kill();
    await exit;
  }

  // A request under /_emulator/; GET / lists them all.
  async send(method, path, body) {
    const answer = await fetch(`${process.env.AWS_ENDPOINT_URL}/_emulator/${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
    });
    const read = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${read.Message}`);
    return read;
  }

  async calls(operation) {
    const { Calls } = await this.send("GET", "calls");
    return Calls.filter((call) => call.Operation === operation);
  }

  // Lets the emulator's clock go on until something has ended.
  async during(work) {
    let ended = false;
    const result = work.finally(() => (ended = true));
    result.catch(() => {}); // The caller sees it below.
    while (!ended) await this.send("POST", "advance", { Seconds: 60 });
    return result;
  }
}
