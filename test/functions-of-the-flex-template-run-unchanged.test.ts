/**
 * Functions written as in the documentation of the Flex Project Template run, with and without the one-line helper
 * file.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";
import { startTwilioApi, twilioError } from "./twilio-api.ts";

const helperFile = "functions/common/helpers/function-helper.private.js";

const axiosCall = `
const axios = require('axios');
const { executeWithRetry } = require(Runtime.getFunctions()['common/helpers/function-helper'].path);

exports.handler = async (context, event, callback) => {
  const result = await executeWithRetry(context, async () => {
    const response = await axios.get(process.env.SERVICE_URL);
    return response.data;
  });

  if (result.success) {
    console.log('Web service response:', result.data);
  }
  callback(null, result);
};`;

const fetchConversation = `
const { twilioExecute } = require(Runtime.getFunctions()['common/helpers/function-helper'].path);

exports.handler = async (context, event, callback) => {
  const conversationSid = 'CH1';
  const result = await twilioExecute(context, (client) =>
    client.conversations.v1.conversations(conversationSid).fetch()
  );

  if (result.success) {
    console.log('Twilio API response:', result.data.friendlyName);
  }
  callback(null, result);
};`;

const completeTask = `
const { twilioExecute } = require(Runtime.getFunctions()['common/helpers/function-helper'].path);

exports.handler = async (context, event, callback) => {
  const result = await twilioExecute(context, async (client) => {
    try {
      return await client.taskrouter.v1
        .workspaces(process.env.TWILIO_FLEX_WORKSPACE_SID)
        .tasks('WT1')
        .update({ assignmentStatus: 'completed' });
    } catch (error) {
      if (error.code === 20001) {
        console.warn('Handling error 20001');
        return error.message;
      }
      throw error;
    }
  });
  callback(null, result);
};`;

/** The same package in an ES module, under the other name in the documentation. */
const asModule = `
import { executeTwilio, prepareStudioFunction } from '@offhook/helpers';

export const handler = prepareStudioFunction(['sid'], async (context, event, callback, response, handleError) => {
  const result = await executeTwilio(context, (client) => client.conversations.v1.conversations(event.sid).fetch());
  response.setStatusCode(result.status);
  response.setBody({ name: result.data?.friendlyName });
  return callback(null, response);
});`;

test("functions written for the template run unchanged", async (t) => {
  const answers = [503, 200];
  const service = createServer((_request, response) =>
    response.writeHead(answers.shift() ?? 200).end('{"from":"service"}'),
  );
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  t.after(() => {
    service.closeAllConnections();
    service.close();
  });
  await using project = await copyProject(undefined, {
    [helperFile]: 'module.exports = require("@offhook/helpers");\n',
    "functions/axios-call.js": axiosCall,
    "functions/fetch-conversation.js": fetchConversation,
    "functions/complete-task.js": completeTask,
    "functions/as-module.mjs": asModule,
  });
  await using api = await startTwilioApi({ folder: project.folder });
  const variables = {
    ...api.variables,
    ACCOUNT_SID: `AC${"0".repeat(32)}`,
    AUTH_TOKEN: "not-a-real-token",
    TWILIO_FLEX_WORKSPACE_SID: "WS1",
    SERVICE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/api/endpoint`,
  };
  const lines = Object.entries(variables).map((pair) => pair.join("="));
  await project.write(".env", lines.join("\n"));
  await using offhook = await startOffhook(project.folder);
  const call = async (path: string): Promise<unknown> => await (await fetch(offhook.url + path)).json();

  assert.deepEqual(await call("/axios-call"), { success: true, data: { from: "service" }, status: 200 });
  await offhook.logged((line) => String(line["message"]).startsWith("retrying /axios-call.() after 0 retry attempts"));

  api.on("GET", "conversations.twilio.com/v1/Conversations/CH1", { body: { sid: "CH1", friendly_name: "Ada" } });
  const fetched = (await call("/fetch-conversation")) as { success: boolean; data: { sid: string } };
  assert.equal(fetched.success, true);
  assert.equal(fetched.data.sid, "CH1");
  await offhook.logged((line) => line["message"] === "Twilio API response: Ada");
  assert.deepEqual(await call("/as-module?sid=CH1"), { name: "Ada" });

  const task = "taskrouter.twilio.com/v1/Workspaces/WS1/Tasks/WT1";
  api.on("POST", task, twilioError(400, 20001, "Task is completed already"));
  assert.deepEqual(await call("/complete-task"), { success: true, data: "Task is completed already", status: 200 });
  api.on("POST", task, twilioError(403, 20003, "Not yours"));
  const refused = (await call("/complete-task")) as Record<string, unknown>;
  assert.deepEqual([refused["success"], refused["status"], refused["message"]], [false, 403, "Not yours"]);
});
