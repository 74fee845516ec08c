// Functions written for the Flex Project Template look for their wrappers here.
module.exports = require("@offhook/helpers");
