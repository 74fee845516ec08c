// The webhook of a phone number's incoming messages: answers by keyword.
const answers = {
  hours: "We are open from 9 to 17, Monday to Friday.",
  where: "Find us at 12 Harbour Street, next to the lighthouse.",
  menu: "Today: lentil soup, fish pie, plum cake.",
};

exports.handler = function (context, event, callback) {
  const keyword = (event.Body || "").trim().toLowerCase();
  const known = Object.keys(answers);

  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message(
    known.includes(keyword)
      ? answers[keyword]
      : `Thanks for your message. Text one of these words: ${known.join(", ")}.`,
  );
  return callback(null, twiml);
};
