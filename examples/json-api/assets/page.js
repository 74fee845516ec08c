const search = document.querySelector("#search");
const list = document.querySelector("#products");
const total = document.querySelector("#total");
const basket = new Map();

search.addEventListener("input", () => void showProducts());
await showProducts();

async function showProducts() {
  const reply = await fetch(`/api/products?search=${encodeURIComponent(search.value)}`);
  const products = await reply.json();
  list.replaceChildren(...products.map(lineOf));
}

function lineOf(product) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  button.textContent = "Add";
  button.addEventListener("click", () => void add(product.id));
  line.append(`${product.name}, ${(product.cents / 100).toFixed(2)} `, button);
  return line;
}

async function add(product) {
  basket.set(product, (basket.get(product) ?? 0) + 1);
  const items = [...basket].map(([id, count]) => ({ id, count }));
  const reply = await fetch("/api/quote", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ items }),
  });
  const { cents } = await reply.json();
  total.value = (cents / 100).toFixed(2);
}
