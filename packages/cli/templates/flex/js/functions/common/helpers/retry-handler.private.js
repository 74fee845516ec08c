// Functions written for the Flex Project Template load it from here.
module.exports = require("@offhook/helpers");
