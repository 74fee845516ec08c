/** The fixed work of the scenario `cpu`; `project/functions/burn.js` has the same loop. */
export function burn(rounds) {
  let state = 1;
  for (let round = rounds; round > 0; round -= 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
