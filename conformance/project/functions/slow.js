exports.handler = function (context, event, callback) {
  setTimeout(() => callback(null, `waited ${event.ms}`), Number(event.ms));
};
