// Nothing is here when functions run. It is what an import of the types finds, if a compiler leaves it in.
module.exports = {};
