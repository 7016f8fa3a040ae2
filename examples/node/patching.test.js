// Tests of patching.js without an AWS account. Each begins with the same fleet, on the same day.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Emulator } from "./emulator.js";
import { nonCompliant, patch } from "./patching.js";

const NODE = "i-0123456789abcdef0";
const KB = "KB5099999";
const emulator = new Emulator();

const scan = () => emulator.during(patch("web", { Operation: ["Scan"] }, 10));
const install = () =>
  emulator.during(patch("web", { Operation: ["Install"], RebootOption: ["NoReboot"] }, 10));

before(() => emulator.start());
after(() => emulator.stop());

// A Windows node in the patch group `web`, and a patch that it lacks.
beforeEach(async () => {
  await emulator.send("POST", "reset");
  await emulator.send("POST", "nodes", {
    InstanceInformation: { InstanceId: NODE, PlatformType: "Windows" },
    OperatingSystem: "WINDOWS",
    Product: "WindowsServer2022",
    Tags: [{ Key: "PatchGroup", Value: "web" }],
  });
  await emulator.send("POST", "catalog", {
    Patches: [
      {
        KbNumber: KB,
        Product: "WindowsServer2022",
        ProductFamily: "Windows",
        Classification: "SecurityUpdates",
        MsrcSeverity: "Critical",
        ReleaseDate: "2026-04-01T00:00:00Z",
      },
    ],
  });
});

test("a patch without its reboot is not compliant until the node restarts", async () => {
  assert.deepEqual(await scan(), { [NODE]: "Success" });
  assert.equal((await nonCompliant(NODE))[KB], "Missing");
  await install();
  assert.equal((await nonCompliant(NODE))[KB], "InstalledPendingReboot");
  await emulator.send("POST", "reboot", { InstanceId: NODE });
  await scan();
  assert.equal((await nonCompliant(NODE))[KB], undefined);
});

test("a node whose installation fails is not reported as patched", async () => {
  await emulator.send("POST", "failing-patches", { InstanceId: NODE, Patch: KB });
  assert.deepEqual(await install(), { [NODE]: "Failed" });
  assert.equal((await nonCompliant(NODE))[KB], "Failed");
});

test("the SDK repeats a throttled call", async () => {
  await emulator.send("POST", "faults", { Effect: "Throttle", Operation: "SendCommand" });
  assert.deepEqual(await scan(), { [NODE]: "Success" });
  const errors = (await emulator.calls("SendCommand")).map((call) => call.Error);
  assert.deepEqual(errors, ["ThrottlingException", undefined]);
});

test("a denied call is an error of the SDK", async () => {
  const denied = { Effect: "Fail", Code: "AccessDeniedException", Always: true };
  await emulator.send("POST", "faults", denied);
  await assert.rejects(scan(), { name: "AccessDeniedException" });
});
