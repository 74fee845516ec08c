// Functions written for the Flex Project Template look for it here.
module.exports = require("@offhook/helpers");
