// The data, read from a private asset once per process.
const { products } = JSON.parse(Runtime.getAssets()["/products.json"].open());

exports.search = function (words) {
  const wanted = words.toLowerCase();
  return products.filter((product) => product.name.toLowerCase().includes(wanted));
};

exports.find = function (id) {
  return products.find((product) => product.id === id);
};
