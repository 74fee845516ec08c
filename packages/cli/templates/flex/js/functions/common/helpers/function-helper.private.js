// Functions written for the Flex Project Template load their wrappers from here.
module.exports = require("@offhook/helpers");
