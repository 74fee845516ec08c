import assert from "node:assert/strict";
import { test } from "node:test";
import { channelOf, deliveryStatuses, incomingFields, statusFields } from "../src/call/message-fields.ts";

const usual = {
  AccountSid: "AC1",
  ApiVersion: "2010-04-01",
  FromCity: "WASHINGTON",
  NumMedia: "0",
  SmsStatus: "received",
};
const message = { sid: "SM1", body: "Hi", from: "+1", to: "+2", media: [] };

test("the prefix of an address names the channel", () => {
  const channels = ["+1", "whatsapp:+1", " RCS:agent", "sip:a@b"].map(channelOf);
  assert.deepEqual(channels, ["sms", "whatsapp", "rcs", "sms"]);
});

test("an SMS has places, and a message of another channel has none", () => {
  assert.equal(incomingFields(usual, message)["FromCity"], "WASHINGTON");
  for (const from of ["whatsapp:+1", "rcs:+1"]) {
    const fields = incomingFields(usual, { ...message, from });
    assert.deepEqual([fields["FromCity"], fields["SmsStatus"]], [undefined, "received"]);
  }
});

test("each medium has a URL and a content type", () => {
  const media = [
    { url: "https://a.example/1", type: "image/png" },
    { url: "https://a.example/2", type: "application/pdf" },
  ];
  const fields = incomingFields(usual, { ...message, media });
  assert.deepEqual(
    [fields["NumMedia"], fields["MediaUrl0"], fields["MediaContentType1"]],
    ["2", "https://a.example/1", "application/pdf"],
  );
});

test("WhatsApp says who writes and what kind of message it is", () => {
  const whatsApp = { ...message, from: "whatsapp:+12025550123" };
  const { WaId, ProfileName, MessageType, ChannelMetadata } = incomingFields(usual, whatsApp);
  assert.deepEqual([WaId, MessageType], ["12025550123", "text"]);
  assert.deepEqual(JSON.parse(ChannelMetadata ?? ""), { type: "whatsapp", data: { context: { ProfileName, WaId } } });
  const typeOf = (type: string): string | undefined =>
    incomingFields(usual, { ...whatsApp, media: [{ url: "https://a.example/", type }] })["MessageType"];
  assert.deepEqual(["image/png", "audio/ogg", "text/vcard"].map(typeOf), ["image", "audio", "document"]);
  const tap = incomingFields(usual, { ...whatsApp, buttonPayload: "yes" });
  assert.deepEqual([tap["MessageType"], tap["ButtonText"], tap["ButtonPayload"]], ["button", "Hi", "yes"]);
});

test("only some channels report that a message was read", () => {
  assert.deepEqual(deliveryStatuses("delivered", "sms"), ["queued", "sent", "delivered"]);
  assert.deepEqual(deliveryStatuses("delivered", "whatsapp"), ["queued", "sent", "delivered", "read"]);
  assert.deepEqual(deliveryStatuses("failed", "rcs"), ["queued", "failed"]);
});

test("a status callback has an error code if the message was not delivered", () => {
  const at = Date.UTC(2026, 0, 2, 3, 4);
  const report = (status: string, from = "+2"): Readonly<Record<string, string>> =>
    statusFields(usual, { sid: "SM1", status, from, to: "+1", at });
  assert.deepEqual([report("sent")["ErrorCode"], report("undelivered")["ErrorCode"]], [undefined, "30003"]);
  assert.deepEqual(
    [report("delivered")["RawDlrDoneDate"], report("sent")["RawDlrDoneDate"]],
    ["2601020304", undefined],
  );
  const { ChannelPrefix, RawDlrDoneDate } = report("delivered", "whatsapp:+2");
  assert.deepEqual([ChannelPrefix, RawDlrDoneDate], ["whatsapp", undefined]);
});
