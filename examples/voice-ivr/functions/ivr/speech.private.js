// Shared by the functions of the menu. Private: it has no URL.
exports.voice = { voice: "Polly.Amy", language: "en-GB" };
exports.menuPrompt = "Press 1 for sales. Press 2 for our opening hours.";
