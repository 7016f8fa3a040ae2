// A team's own module: patches a patch group, and says what is not compliant. It knows nothing of tests.

import { setTimeout as sleep } from "node:timers/promises";
import {
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
  paginateListComplianceItems,
} from "@aws-sdk/client-ssm";

const RUNNING = ["Pending", "InProgress", "Delayed"];

// Scans or installs, and returns the status of each node when all have ended.
export async function patch(group, parameters, pause = 2000) {
  const ssm = new SSMClient();
  const { Command } = await ssm.send(
    new SendCommandCommand({
      DocumentName: "AWS-RunPatchBaseline",
      Parameters: parameters,
      Targets: [{ Key: "tag:PatchGroup", Values: [group] }],
    }),
  );
  const listing = new ListCommandInvocationsCommand({ CommandId: Command.CommandId });
  for (;;) {
    const { CommandInvocations: nodes } = await ssm.send(listing);
    if (nodes.length > 0 && nodes.every((node) => !RUNNING.includes(node.Status))) {
      return Object.fromEntries(nodes.map((node) => [node.InstanceId, node.Status]));
    }
    await sleep(pause);
  }
}

// The patches for which a node is not compliant, each with its state.
export async function nonCompliant(node) {
  const request = {
    ResourceIds: [node],
    Filters: [
      { Key: "ComplianceType", Values: ["Patch"] },
      { Key: "Status", Values: ["NON_COMPLIANT"] },
    ],
  };
  const found = {};
  for await (const page of paginateListComplianceItems({ client: new SSMClient() }, request)) {
    for (const item of page.ComplianceItems) found[item.Id] = item.Details.PatchState;
  }
  return found;
}
