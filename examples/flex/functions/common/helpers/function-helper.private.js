module.exports = require("@offhook/helpers");
