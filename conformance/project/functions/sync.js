// Builds the Sync context only: no call leaves the machine.
exports.handler = function (context, event, callback) {
  const service = event.serviceName ? Runtime.getSync({ serviceName: event.serviceName }) : Runtime.getSync();
  callback(null, {
    serviceName: service.toJSON().sid,
    maps: Boolean(service.maps && service.maps === service.syncMaps),
    lists: Boolean(service.lists && service.lists === service.syncLists),
    documents: Boolean(service.documents),
  });
};
