exports.handler = (context, event, callback) => {
  if (event.how === "busy") for (;;);
  // Longer than any time limit that the soak sets.
  if (event.how === "late") setTimeout(() => callback(null, `hang ${event.nonce}`), 60_000);
};
